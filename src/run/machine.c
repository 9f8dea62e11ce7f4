#include "run/machine.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif
#include "kernels/kernels.h"

/* Reads the start of a small file as text; false where it cannot be read. */
static bool read_small(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t length = fread(out, 1, size - 1, file);
    fclose(file);
    out[length] = 0;
    return length > 0;
}

static double read_number(const char *folder, const char *name)
{
    char path[1700], text[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_small(path, text, sizeof text) ? strtod(text, NULL) : 0;
}

static double lower(double a, double b)
{
    return a > 0 && (b <= 0 || a < b) ? a : b;
}

/* cpu.max holds "QUOTA PERIOD" or "max PERIOD", in microseconds. */
static double quota_of_group_v2(const char *folder)
{
    char path[1700], text[64], *end;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_small(path, text, sizeof text)) return 0;
    double quota = strtod(text, &end), period = strtod(end, NULL);
    return end != text && quota > 0 && period > 0 ? quota / period : 0;
}

static double quota_of_group_v1(const char *folder)
{
    double quota = read_number(folder, "cpu.cfs_quota_us"),
           period = read_number(folder, "cpu.cfs_period_us");
    return quota > 0 && period > 0 ? quota / period : 0;
}

/* Bytes that a group may still take: its limit less what it uses, of which the inactive part of the
 * file cache is not counted: the kernel gives it back. */
static double left_of_group(const char *folder, const char *limit_name, const char *usage_name,
                            const char *cache_key)
{
    char path[1700], text[8192];
    double limit = read_number(folder, limit_name); /* "max" is 0: none */
    if (limit <= 0) return 0;
    double left = limit - read_number(folder, usage_name);
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    const char *cache = read_small(path, text, sizeof text) ? strstr(text, cache_key) : NULL;
    if (cache) left += strtod(cache + strlen(cache_key), NULL);
    return left > 1 ? left : 1;
}

static double left_of_group_v2(const char *folder)
{
    return left_of_group(folder, "memory.max", "memory.current", "inactive_file ");
}

static double left_of_group_v1(const char *folder)
{
    return left_of_group(folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                         "total_inactive_file ");
}

/* A resource that cgroups limit: of which controller, and what is left of it to one group, by
 * version. */
struct resource {
    const char *controller;
    double (*v2)(const char *folder), (*v1)(const char *folder);
};

/* The lowest limit of `group` below `mount` and of every group above it: each limits those under
 * it. */
static double limit_of_path(const char *mount, const char *group,
                            double (*limit_of)(const char *folder))
{
    char folder[1600];
    double limit = 0;
    size_t top = strlen(mount);
    snprintf(folder, sizeof folder, "%s%s", mount, group);
    for (;;) {
        limit = lower(limit_of(folder), limit);
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < top) break;
        *slash = 0;
    }
    return limit;
}

/* One line "ID:CONTROLLERS:/GROUP" of the membership; version 2 has no controllers. */
static double limit_of_line(const char *line, const char *root, const struct resource *resource)
{
    char controllers[128] = "", group[512], mount[768], padded[132], wanted[32];
    if (sscanf(line, "%*d:%127[^:]:%511[^\n]", controllers, group) != 2) {
        controllers[0] = 0;
        if (sscanf(line, "%*d::%511[^\n]", group) != 1) return 0;
    }
    if (!controllers[0]) return limit_of_path(root, group, resource->v2);
    snprintf(padded, sizeof padded, ",%s,", controllers);
    snprintf(wanted, sizeof wanted, ",%s,", resource->controller);
    if (!strstr(padded, wanted)) return 0;
    snprintf(mount, sizeof mount, "%s/%s", root, resource->controller);
    double limit = limit_of_path(mount, group, resource->v1);
    if (limit > 0) return limit;
    snprintf(mount, sizeof mount, "%s/%s", root, controllers);
    return limit_of_path(mount, group, resource->v1);
}

static double limit_of(const char *membership, const char *root, const struct resource *resource)
{
    double limit = 0;
    for (const char *line = membership; line && *line;) {
        limit = lower(limit_of_line(line, root, resource), limit);
        line = strchr(line, '\n');
        if (line) line++;
    }
    return limit;
}

double machine_quota(const char *membership, const char *root)
{
    static const struct resource cpu = {"cpu", quota_of_group_v2, quota_of_group_v1};
    return limit_of(membership, root, &cpu);
}

double machine_memory_left(const char *membership, const char *root)
{
    static const struct resource memory = {"memory", left_of_group_v2, left_of_group_v1};
    return limit_of(membership, root, &memory);
}

/* Field `field` of /proc/self/statm (0: all that is mapped; 1: resident), in bytes. */
static double memory_field(int field)
{
    char text[128], *at = text;
    double pages = 0;
    if (!read_small("/proc/self/statm", text, sizeof text)) return 0;
    for (int i = 0; i <= field; i++) pages = strtod(at, &at);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

/* What `ulimit -v` leaves of the address space; 0: no limit. */
static double address_space_left(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
    return fmax(1, (double)limit.rlim_cur - memory_field(0));
}

double machine_resident(void)
{
    return memory_field(1);
}

double machine_memory(void)
{
    char membership[4096] = "", text[4096];
    const char *line =
        read_small("/proc/meminfo", text, sizeof text) ? strstr(text, "MemAvailable:") : NULL;
    double available = line ? 1024 * strtod(line + strlen("MemAvailable:"), NULL)
                            : (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    read_small("/proc/self/cgroup", membership, sizeof membership);
    return lower(address_space_left(),
                 lower(machine_memory_left(membership, "/sys/fs/cgroup"), available));
}

int machine_cores(void)
{
    cpu_set_t set;
    char membership[4096] = "";
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                            : (int)sysconf(_SC_NPROCESSORS_ONLN);
    read_small("/proc/self/cgroup", membership, sizeof membership);
    double quota = ceil(machine_quota(membership, "/sys/fs/cgroup"));
    if (quota > 0 && quota < cores) cores = (int)quota;
    return cores < 1 ? 1 : cores;
}

const char *machine_cpu(char *out, size_t size)
{
    char text[4096], *name = NULL;
    if (read_small("/proc/cpuinfo", text, sizeof text) && (name = strstr(text, "model name")) &&
        (name = strchr(name, ':'))) {
        name += 1 + strspn(name + 1, " \t");
        name[strcspn(name, "\n")] = 0;
    }
    snprintf(out, size, "%s", name && *name ? name : "unknown");
    return out;
}

/* Half of the smallest normal number is subnormal: 0 where such numbers are flushed. Volatile:
 * computed here and now.
 */
static bool subnormals_are_kept(void)
{
    volatile double smallest = DBL_MIN;
    volatile float smallest_float = FLT_MIN;
    volatile double half = smallest / 2;
    volatile float half_float = smallest_float / 2;
    return half > 0 && half_float > 0;
}

void machine_warm(void)
{
    kernels_warm();
}

basin_status machine_prepare_worker(void)
{
    omp_set_num_threads(1);
#ifdef __SSE2__
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
    _mm_setcsr(_mm_getcsr() & ~(unsigned)(FLUSH_TO_ZERO | DENORMALS_ARE_ZERO));
#endif
    if (!subnormals_are_kept())
        return error_raise(
            BASIN_NUMERIC,
            "this processor flushes subnormal numbers to zero, so results would differ");
    return BASIN_OK;
}
