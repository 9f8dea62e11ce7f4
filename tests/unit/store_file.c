#include "store/file.h"
#include "store_helpers.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include "base/process.h"
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

/* `format`: of a host, an instance and a process. */
static const char *touch(const char *format, uint32_t instance, long process, long age)
{
    static char name[256];
    char host[65];
    struct timespec times[2] = {{time(NULL) - age, 0}, {time(NULL) - age, 0}};
    snprintf(name, sizeof name, format, process_host(host, sizeof host), instance, process);
    FILE *file = fopen(in_folder(name), "w");
    cr_assert(file, "%s", name);
    fclose(file);
    cr_assert_eq(utimensat(AT_FDCWD, in_folder(name), times, 0), 0);
    return name;
}

static bool is_cleaned(const char *format, uint32_t instance, long process, long age)
{
    const char *name = touch(format, instance, process, age);
    OK(store_clean_folder(folder));
    bool gone = access(in_folder(name), F_OK) != 0;
    unlink(in_folder(name));
    return gone;
}

#define RUN "0123456789abcdef"

/* 2^22 is the most that Linux gives to a process: none has a larger number. */
Test(file, cleaning_removes_what_dead_processes_left_and_nothing_else)
{
    long dead = 1l << 29, alive = (long)getpid();
    uint32_t here = process_instance_tag();
    enum { NEW = 0, OLD = 4000 };
    cr_expect(is_cleaned("a.h5.%s-%08x-%ld-0.tmp", here, dead, NEW));
    cr_expect(is_cleaned("b.0.%s-%08x-%ld-17.tmp", here, dead, NEW));
    cr_expect_not(is_cleaned(RUN ".h5.%s-%08x-%ld-1.tmp", here, alive, OLD));
    cr_expect_not(is_cleaned("a.h5.%s-%08x-%ld-1.tmp.h5", here, dead, OLD));
    cr_expect_not(is_cleaned("notes-%.0s%.0x%ld.tmp", 0, dead, OLD));
    cr_expect_not(is_cleaned(RUN "%.0s%.0x%.0ld.tmpx", 0, 0, OLD));
    cr_expect_not(is_cleaned(RUN "%.0s%.0x%.0ldtmp", 0, 0, OLD));
    /* Of others, whose processes cannot be asked for. */
    cr_expect_not(is_cleaned(RUN ".h5.x%s-%08x-%ld-1.tmp", here, dead, NEW)); /* another host's */
    cr_expect(is_cleaned(RUN ".h5.x%s-%08x-%ld-1.tmp", here, dead, OLD));
    cr_expect_not(
        is_cleaned(RUN ".h5.%s-%08x-%ld-1.tmp", here + 1, dead, NEW)); /* another container's */
    cr_expect(is_cleaned(RUN ".h5.%s-%08x-%ld-1.tmp", here + 1, dead, OLD));
    cr_expect_not(
        is_cleaned("mine-%s-%08x-%ld-1.tmp", here + 1, dead, OLD)); /* not ours to judge */
    OK(store_clean_folder(in_folder("absent")));
}

/* What is being written is known for what it is. */
Test(file, temporary_names_are_of_this_process)
{
    struct text first = {0}, second = {0};
    store_temporary(in_folder(RUN ".h5"), &first);
    store_temporary(in_folder(RUN ".h5"), &second);
    cr_assert_str_neq(text_data(&first), text_data(&second));
    fclose(fopen(text_data(&first), "w"));
    OK(store_clean_folder(folder));
    cr_assert_eq(access(text_data(&first), F_OK), 0);
    pid_t child = fork();
    if (child == 0) {
        struct text name = {0};
        store_temporary(in_folder(RUN ".h5"), &name);
        fclose(fopen(text_data(&name), "w"));
        _exit(0);
    }
    siginfo_t ended;
    cr_assert_eq(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0); /* in the table still */
    cr_assert_eq(entries(), 2);
    OK(store_clean_folder(folder));
    cr_assert_eq(entries(), 1);
    waitpid(child, NULL, 0);
    text_free(&first);
    text_free(&second);
}

/* ---- what others put in the way ---- */

static void check_cannot_open(const char *name, int flags, const char *kind)
{
    int file;
    cr_assert_eq(file_open(in_folder(name), flags, &file), BASIN_IO, "%s", name);
    cr_assert_eq(file, -1);
    cr_assert(strstr(basin_error_last()->message, kind), "%s: %s", name,
              basin_error_last()->message);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(made, (struct sockaddr *)&address, sizeof address), 0);
    close(made);
}

Test(file, only_regular_files_are_opened, .timeout = 20)
{
    static const int flags[] = {O_RDONLY, O_RDWR | O_APPEND | O_CREAT, O_WRONLY | O_CREAT};
    int file;
    cr_assert_eq(mkfifo(in_folder("fifo"), 0666), 0);
    cr_assert_eq(mkdir(in_folder("folder"), 0777), 0);
    cr_assert_eq(symlink("/dev/zero", in_folder("zero")), 0);
    make_socket(in_folder("socket"));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        check_cannot_open("fifo", flags[i], "a named pipe (FIFO)");
        check_cannot_open("folder", flags[i], "a folder");
        check_cannot_open("socket", flags[i], "a socket");
        check_cannot_open("zero", flags[i], i ? "a symbolic link" : "a device");
    }
    cr_assert(file_is_special(in_folder("fifo")) && file_is_special(in_folder("folder")));
    cr_assert_not(file_is_special(in_folder("absent")));
    OK(file_open(in_folder("made"), O_WRONLY | O_CREAT, &file));
    close(file);
    cr_assert_not(file_is_special(in_folder("made")));
}

/* A link is read through, and never written through; nor is a second name. */
Test(file, nothing_is_written_through_a_link)
{
    int file;
    OK(store_write_file(in_folder("victim"), "precious", 8));
    cr_assert_eq(symlink(in_folder("victim"), in_folder("link")), 0);
    check_cannot_open("link", O_WRONLY | O_CREAT | O_APPEND, "a symbolic link");
    OK(file_open(in_folder("link"), O_RDONLY, &file));
    close(file);
    cr_assert_eq(link(in_folder("victim"), in_folder("second")), 0);
    check_cannot_open("second", O_WRONLY | O_CREAT | O_APPEND, "a second name");
    cr_assert_eq(symlink(in_folder("new"), in_folder("dangling")), 0);
    check_cannot_open("dangling", O_WRONLY | O_CREAT, "a symbolic link");
    cr_assert_neq(access(in_folder("new"), F_OK), 0);
    OK(store_write_file(in_folder("link"), "ours", 4));
    check_content("victim", "precious");
    check_content("link", "ours");
}

/* The names of temporary files can be foretold: what stands there is neither followed nor
 * replaced. */
Test(file, a_temporary_name_that_is_taken_is_left_alone)
{
    struct text first = {0}, taken = {0};
    unsigned long serial;
    OK(store_write_file(in_folder("victim"), "precious", 8));
    store_temporary(in_folder("a.h5"), &first);
    char *dash = strrchr(first.data, '-');
    serial = strtoul(dash + 1, NULL, 10);
    for (unsigned long ahead = 1; ahead <= 5; ahead++) {
        taken.length = 0;
        text_format(&taken, "%.*s-%lu.tmp", (int)(dash - first.data), first.data, serial + ahead);
        if (ahead % 2)
            cr_assert_eq(symlink(in_folder("victim"), taken.data), 0);
        else
            cr_assert_eq(mkfifo(taken.data, 0666), 0);
    }
    OK(store_write_file(in_folder("a.h5"), "result", 6));
    check_content("a.h5", "result");
    check_content("victim", "precious");
    text_free(&first);
    text_free(&taken);
}
