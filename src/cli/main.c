#include <locale.h>
#include <signal.h>
#include "cli/command.h"

int main(int count, char **words)
{
    setlocale(LC_CTYPE, "");  /* only what the terminal can show; numbers stay in the C locale */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), not the end of a training */
    return command_main(count, words);
}
