#include "run/machine.h"
#include "study_helpers.h"

#include <math.h>
#include <sys/stat.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

TestSuite(machine, .init = folder_make, .fini = folder_remove);

static void group(const char *path, const char *file, const char *content)
{
    char name[256];
    OK(store_make_folder(in_folder(path)));
    snprintf(name, sizeof name, "%s/%s", path, file);
    write_file(name, content);
}

Test(machine, quota_of_version_2_is_the_lowest_on_the_way_up)
{
    group("a/b", "cpu.max", "150000 100000\n");
    group("a", "cpu.max", "400000 100000\n");
    cr_assert_eq(machine_quota("0::/a/b\n", folder), 1.5);
    group("a", "cpu.max", "50000 100000\n");
    cr_assert_eq(machine_quota("0::/a/b\n", folder), 0.5);
    group("a", "cpu.max", "max 100000\n");
    cr_assert_eq(machine_quota("0::/a/b\n", folder), 1.5);
    cr_assert_eq(machine_quota("0::/a\n", folder), 0);
}

Test(machine, quota_of_version_1_asks_the_cpu_controller_only)
{
    group("cpu/x", "cpu.cfs_quota_us", "300000\n");
    group("cpu/x", "cpu.cfs_period_us", "100000\n");
    group("memory/x", "cpu.cfs_quota_us", "100000\n");
    group("memory/x", "cpu.cfs_period_us", "100000\n");
    cr_assert_eq(machine_quota("5:memory:/x\n4:cpu,cpuacct:/x\n", folder), 3);
    cr_assert_eq(machine_quota("5:memory:/x\n", folder), 0);
    group("cpu/x", "cpu.cfs_quota_us", "-1\n");
    cr_assert_eq(machine_quota("4:cpu,cpuacct:/x\n", folder), 0);
    group("cpu,cpuacct/x", "cpu.cfs_quota_us", "200000\n");
    group("cpu,cpuacct/x", "cpu.cfs_period_us", "100000\n");
    cr_assert_eq(machine_quota("4:cpu,cpuacct:/x\n", folder), 2);
}

Test(machine, no_quota_and_odd_texts_are_none)
{
    cr_assert_eq(machine_quota("", folder), 0);
    cr_assert_eq(machine_quota("nonsense\n:::\n0::", folder), 0);
    group("a", "cpu.max", "");
    cr_assert_eq(machine_quota("0::/a\n", folder), 0);
    group("a", "cpu.max", "100000\n");
    cr_assert_eq(machine_quota("0::/a\n", folder), 0);
}

Test(machine, memory_left_is_the_limit_less_what_is_used)
{
    group("a", "memory.max", "1000000\n");
    group("a", "memory.current", "400000\n");
    cr_assert_eq(machine_memory_left("0::/a\n", folder), 600000);
    group("a", "memory.stat", "anon 100000\ninactive_file 50000\nactive_file 3\n");
    cr_assert_eq(machine_memory_left("0::/a\n", folder), 650000);
    group("a/b", "memory.max", "max\n");
    group("a/b", "memory.current", "100\n");
    cr_assert_eq(machine_memory_left("0::/a/b\n", folder), 650000, "the group above limits");
    cr_assert_eq(machine_memory_left("0::/c\n", folder), 0);
    group("memory/x", "memory.limit_in_bytes", "5000\n");
    group("memory/x", "memory.usage_in_bytes", "9000\n");
    cr_assert_eq(machine_memory_left("5:memory:/x\n", folder), 1, "nothing is left");
    cr_assert_eq(machine_memory_left("5:cpu:/x\n", folder), 0);
    cr_assert_gt(machine_memory(), 1 << 20);
}

Test(machine, facts_are_texts)
{
    char cpu[256];
    cr_assert_geq(machine_cores(), 1);
    cr_assert_gt(strlen(machine_cpu(cpu, sizeof cpu)), 0);
    cr_assert_eq(strchr(machine_cpu(cpu, sizeof cpu), '\n'), NULL);
}

Test(machine, workers_keep_subnormal_numbers)
{
#ifdef __SSE2__
    _mm_setcsr(_mm_getcsr() |
               0x8040); /* what a library linked with -ffast-math does to the process */
    volatile double smallest = 2.2250738585072014e-308;
    cr_assert_eq(smallest / 4, 0);
    OK(machine_prepare_worker());
    cr_assert_gt(smallest / 4, 0);
#else
    OK(machine_prepare_worker());
#endif
}
