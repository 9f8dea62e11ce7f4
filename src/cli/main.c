#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "base/arena.h"
#include "cli/command.h"

int main(int count, char **words)
{
    memory_start();
    setlocale(LC_CTYPE,
              ""); /* for the character set of the terminal; numbers stay in the C locale */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), not the end of a training */
    signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
    int status = command_main(count, words);
#ifndef __SANITIZE_ADDRESS__
    fflush(NULL);
    _exit(status); /* skips the destructors of libraries: OpenBLAS's waits for ever for a thread
                      that found no memory */
#endif
    return status;
}
