/* store/place.c: a folder that is opened through no link, and stays the same one. */
#include "store/place.h"
#include "store_helpers.h"

#include <errno.h>
#include "store/file.h"

TestSuite(place, .init = folder_make, .fini = folder_remove, .timeout = 60);

static bool is_there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

Test(place, what_is_done_happens_in_the_folder_that_was_opened)
{
    char path[4200], old[4200], aside[4200];
    struct place place;
    OK(store_make_folder(in_folder("a")));
    OK(store_make_folder(in_folder("victim")));
    OK(store_write_file(in_folder("a/file"), "ours", 4));
    OK(store_write_file(in_folder("victim/file"), "precious", 8));
    snprintf(path, sizeof path, "%s", in_folder("a/file"));
    snprintf(old, sizeof old, "%s", in_folder("a"));
    snprintf(aside, sizeof aside, "%s", in_folder("b"));
    OK(place_open(path, &place));
    cr_assert_eq(rename(old, aside), 0);
    cr_assert_eq(symlink("victim", old), 0);
    cr_assert(place_rename(&place, "new"));
    OK(place_sync(&place));
    cr_assert(is_there("b/new") && is_there("victim/file") && !is_there("victim/new"));
    place_close(&place);
    cr_assert_eq(place_open(path, &place), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "a is a symbolic link, and nothing is written"));
    place_remove(path);
    cr_assert_eq(store_write_file(path, "x", 1), BASIN_IO);
    cr_assert(is_there("victim/file"));
    OK(file_write(in_folder("a/named"), "x", 1));
    cr_assert(is_there("victim/named"), "a user may name a path through a link");
}

Test(place, folders_above_may_be_links)
{
    struct place place;
    OK(store_make_folder(in_folder("a/runs")));
    cr_assert_eq(symlink("a", in_folder("link")), 0);
    OK(store_write_file(in_folder("link/runs/file"), "x", 1));
    cr_assert(is_there("a/runs/file"));
    cr_assert_eq(place_open(in_folder("none/file"), &place), BASIN_IO);
    cr_assert_eq(errno, ENOENT);
}
