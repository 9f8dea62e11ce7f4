#include "folder/folder.h"
#include "study_helpers.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(folder, .init = start, .fini = stop);

Test(folder, lists_results_by_name_and_nothing_else)
{
    struct folder_files files;
    OK(folder_prepare(in_folder("s")));
    write_file("s/runs/b.h5", "x");
    write_file("s/runs/a.h5", "x");
    write_file("s/runs/a.h5.damaged", "x");
    write_file("s/runs/.h5", "x");
    OK(store_make_folder(in_folder("s/runs/c.h5")));
    OK(folder_list(arena, in_folder("s/"), &files));
    cr_assert_eq(files.count, 2);
    cr_assert(strstr(files.paths[0], "/s/runs/a.h5") && strstr(files.paths[1], "/s/runs/b.h5"));
    OK(folder_list(arena, in_folder("s/runs"), &files));
    cr_assert_eq(files.count, 2);
    OK(folder_list(arena, in_folder("s/runs/b.h5"), &files));
    cr_assert_eq(files.count, 1);
    cr_assert_eq(folder_list(arena, in_folder("s/journal"), &files), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "no results in "));
    cr_assert_eq(folder_list(arena, folder, &files), BASIN_IO);
    cr_assert(strstr(basin_error_last()->hint, "/s?"), "%s", basin_error_last()->hint);
    OK(store_make_folder(in_folder("new/runs")));
    OK(folder_list(arena, in_folder("new"), &files));
    cr_assert_eq(files.count, 0);
    cr_assert_eq(folder_list(arena, in_folder("none"), &files), BASIN_IO);
}

Test(folder, many_files_are_all_listed)
{
    struct folder_files files;
    OK(store_make_folder(in_folder("runs")));
    for (int i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "runs/%03d.h5", i);
        FILE *file = fopen(in_folder(name), "w");
        fclose(file);
    }
    OK(folder_list(arena, folder, &files));
    cr_assert_eq(files.count, 200);
    cr_assert(strstr(files.paths[199], "199.h5"));
}

Test(folder, damaged_files_are_kept_under_new_names)
{
    char aside[FOLDER_PATH];
    for (int i = 1; i <= 3; i++) {
        write_file("a.h5", "x");
        OK(folder_set_aside(in_folder("a.h5"), aside));
        cr_assert(!folder_file_exists(in_folder("a.h5")) && folder_file_exists(aside));
    }
    cr_assert_str_eq(aside, in_folder("a.h5.damaged.3"));
    cr_assert_eq(folder_set_aside(in_folder("none.h5"), aside), BASIN_IO);
}

Test(folder, space_is_asked_for)
{
    OK(folder_check_space(folder, 1));
    cr_assert_eq(folder_check_space(folder, 1e30), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "is full"));
}

Test(folder, a_path_too_long_is_refused)
{
    char path[FOLDER_PATH];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = 0;
    cr_assert_eq(folder_prepare(path), BASIN_USAGE);
}
