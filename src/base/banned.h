/* Banned: functions of the C library that do not compile here.
 *
 * The build includes this header before every C file (add_project_arguments in meson.build). What
 * to use instead:
 *
 *     strcpy, strcat, strncpy,     snprintf, memcpy, base/text.h: these know no bounds
 *     sprintf, vsprintf
 *     atoi, atol, atof             strtol, spec/scalar.h: these cannot fail, so that "1O" is 1
 *     rand, srand                  base/random.h: one hidden state for all threads
 *     strtok                       strchr, strcspn: hidden state as well
 *     exit, abort                  return a status: the process ends when main returns, after all
 *                                  runs are at a checkpoint
 *
 * The system's headers that declare them come first: a poisoned name may not even be declared.
 */
#ifndef BASIN_BASE_BANNED_H
#define BASIN_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat strncpy sprintf vsprintf
#pragma GCC poison atoi atol atof
#pragma GCC poison rand srand strtok
#pragma GCC poison exit abort

#endif
