#include "base/process.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/hash.h"

const char *process_host(char *out, size_t size)
{
    if (gethostname(out, size) != 0) snprintf(out, size, "unknown");
    out[size - 1] = 0;
    for (char *c = out; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
    if (!out[0] || out[0] == '.') snprintf(out, size, "unknown");
    return out;
}

const char *process_instance(char out[PROCESS_INSTANCE])
{
    char boot[40] = "", space[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    size_t length = file ? fread(boot, 1, sizeof boot - 1, file) : 0;
    if (file) fclose(file);
    boot[strspn(boot, "0123456789abcdef-")] = 0;
    ssize_t linked = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    snprintf(out, PROCESS_INSTANCE, "%s/%s", length ? boot : "unknown",
             linked > 0 ? space : "unknown");
    return out;
}

uint32_t process_instance_tag(void)
{
    char instance[PROCESS_INSTANCE];
    process_instance(instance);
    return (uint32_t)hash_bytes(instance, strlen(instance)).low;
}

/* Field 3 of /proc/N/stat and those after it. The name, field 2, is in parentheses and may contain
 * anything. "" where there is no such process. */
static const char *read_fields(long number, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", number);
    FILE *file = fopen(path, "re");
    text[0] = 0;
    if (!file) return text;
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
    const char *name = strrchr(text, ')');
    return name && name[1] == ' ' ? name + 2 : "";
}

enum { STATE = 3, START = 22, STAT = 1024 }; /* fields; bytes of all */

static unsigned long long start_in(const char *fields)
{
    for (int field = STATE; fields && field < START; field++) {
        fields = strchr(fields, ' ');
        if (fields) fields++;
    }
    return fields ? strtoull(fields, NULL, 10) : 0;
}

unsigned long long process_start(long number)
{
    char text[STAT];
    return start_in(read_fields(number, text, sizeof text));
}

bool process_lives(long number, unsigned long long start)
{
    char text[STAT];
    if (number <= 0 || number > INT_MAX)
        return false; /* kill would ask for a group, or cut it off */
    if (kill((pid_t)number, 0) != 0 && errno != EPERM) return false;
    const char *fields = read_fields(number, text, sizeof text);
    if (*fields == 'Z' || *fields == 'X') return false;
    return start == 0 || start_in(fields) == start;
}
