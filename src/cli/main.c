#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "base/arena.h"
#include "cli/command.h"

/* OpenBLAS starts threads when it is loaded, before main. None is ever used, and where the system
 * gives none it ends the process. It asks this function how many, its own otherwise, which would
 * look at the environment variable OPENBLAS_NUM_THREADS. */
int openblas_num_threads_env(void);
int openblas_num_threads_env(void)
{
    return 1;
}

/* Some libraries end the process where they find no memory; with a limit of the process that is why
 * they do. Only functions that a signal may interrupt. */
static void on_abort(int number)
{
    static const char message[] = "basin: error: a library found no memory and ended the process\n"
                                  "  hint: this process may not take more memory (see `ulimit -v` "
                                  "and `ulimit -d`): raise the "
                                  "limit, or run fewer jobs at a time (-j)\n";
    (void)number;
    if (write(STDERR_FILENO, message, sizeof message - 1) >= 0) _exit(3);
    _exit(3);
}

int main(int count, char **words)
{
    memory_start();
    setlocale(LC_CTYPE,
              ""); /* for the character set of the terminal; numbers stay in the C locale */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), not the end of a training */
    if (memory_is_limited()) signal(SIGABRT, on_abort);
    signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
    int status = command_main(count, words);
#ifndef __SANITIZE_ADDRESS__
    fflush(NULL);
    _exit(status); /* skips the destructors of libraries, which may wait for threads */
#endif
    return status;
}
