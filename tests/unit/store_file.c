#include "store/file.h"
#include "store_helpers.h"

#include <dirent.h>
#include <sys/stat.h>
#include "store/store.h"

TestSuite(file, .init = folder_make, .fini = folder_remove);

static int entries(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));) count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void check_content(const char *name, const char *content)
{
    uint8_t *bytes;
    size_t length;
    OK(file_read(in_folder(name), &bytes, &length));
    cr_assert_eq(length, strlen(content));
    cr_assert_eq(memcmp(bytes, content, length), 0);
    memory_free(bytes);
}

Test(file, write_replaces_the_whole_file_and_leaves_no_other)
{
    OK(store_write_file(in_folder("a"), "long content", 12));
    OK(store_write_file(in_folder("a"), "short", 5));
    check_content("a", "short");
    OK(store_write_file(in_folder("empty"), "", 0));
    check_content("empty", "");
    cr_assert_eq(entries(), 2);
}

Test(file, a_relative_name_is_written_here)
{
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    cr_assert_eq(chdir(folder), 0);
    OK(store_write_file("plain", "x", 1));
    cr_assert_eq(chdir(here), 0);
    check_content("plain", "x");
}

Test(file, large_files_are_whole)
{
    size_t length = 9 << 20;
    uint8_t *bytes = memory_allocate(length), *back;
    for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    OK(store_write_file(in_folder("large"), bytes, length));
    size_t got;
    OK(file_read(in_folder("large"), &back, &got));
    cr_assert_eq(got, length);
    cr_assert_eq(memcmp(bytes, back, length), 0);
    memory_free(bytes);
    memory_free(back);
}

Test(file, failures_name_the_path_and_leave_nothing)
{
    cr_assert_eq(store_write_file(in_folder("no/such/a"), "x", 1), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "no/such/a"));
    cr_assert(strstr(basin_error_last()->message, "No such file"));
    OK(store_make_folder(in_folder("taken")));
    cr_assert_eq(store_write_file(in_folder("taken"), "x", 1), BASIN_IO);
    cr_assert_eq(entries(), 1);
}

Test(file, folders_are_made_with_their_parents)
{
    OK(store_make_folder(in_folder("a/b//c/")));
    struct stat about;
    cr_assert_eq(stat(in_folder("a/b/c"), &about), 0);
    cr_assert(S_ISDIR(about.st_mode));
    OK(store_make_folder(in_folder("a/b/c")));
    OK(store_make_folder("/"));
    OK(store_write_file(in_folder("a/file"), "x", 1));
    cr_assert_eq(store_make_folder(in_folder("a/file")), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "a file has its name"));
    cr_assert_eq(store_make_folder(in_folder("a/file/x")), BASIN_IO);
}

static void touch(const char *format, long pid)
{
    char host[65] = "", name[256];
    gethostname(host, sizeof host - 1);
    snprintf(name, sizeof name, format, host, pid);
    FILE *file = fopen(in_folder(name), "w");
    cr_assert(file, "%s", name);
    fclose(file);
}

/* 2^22 is the most that Linux gives to a process: none has a larger number. */
Test(file, cleaning_removes_what_dead_processes_left_and_nothing_else)
{
    long dead = 1l << 29, alive = (long)getpid();
    touch("a.h5.%s-%ld-0.tmp", dead);
    touch("b.h5.%s-%ld-17.tmp", dead);
    cr_assert_eq(entries(), 2);
    touch("a.h5.%s-%ld-1.tmp", alive);
    touch("a.h5.x%s-%ld-1.tmp", dead); /* another host's */
    touch("a.h5.%s-%ld-1.tmp.h5", dead);
    touch("notes-%.0s%ld.tmp", dead);
    touch("%.0s%.0ld.tmpx", 0);
    touch("%.0s%.0ldtmp", 0);
    int before = entries();
    OK(store_clean_folder(folder));
    cr_assert_eq(entries(), before - 2);
    OK(store_clean_folder(in_folder("absent")));
}
