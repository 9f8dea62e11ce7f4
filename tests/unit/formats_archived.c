/* formats/archived.c: archives made by Python: whole, odd, damaged and made to do harm. */
#include "formats/archived.h"
#include "data_files.h"

#include <sys/stat.h>

TestSuite(archive, .init = data_start, .fini = data_stop, .timeout = 120);

/* What every script begins with: an archive `p`, members by add(t, name, bytes, ...). */
static const char prelude[] = "import io, os, sys, tarfile, zipfile, gzip, struct\n"
                              "p = sys.argv[1]\n"
                              "def add(t, name, data=b'', **more):\n"
                              "    m = tarfile.TarInfo(name); m.size = len(data)\n"
                              "    for k in more: setattr(m, k, more[k])\n"
                              "    t.addfile(m, io.BytesIO(data))\n"
                              "def change(old, new, count=1):\n"
                              "    b = open(p, 'rb').read(); assert old in b; open(p, "
                              "'wb').write(b.replace(old, new, count))\n";

static const char *make(const char *name, const char *script)
{
    struct text command = {0};
    text_format(&command, "python3 -c \"%s%s\" %s", prelude, script, in_folder(name));
    cr_assert_eq(system(text_data(&command)), 0, "%s", script);
    text_free(&command);
    return in_folder(name);
}

static void expect(const struct archived *archived, size_t i, const char *content)
{
    const struct archived_member *member = &archived->members[i];
    cr_assert(member->is_there, "%s", member->name);
    cr_assert_eq(member->length, strlen(content), "%s has %zu bytes", member->name, member->length);
    cr_assert_eq(memcmp(member->length ? (const char *)member->bytes : "", content, member->length),
                 0);
}

static void refuses(const char *name, const char *script, const char *text)
{
    struct archived archived = {.count = 1, .members = {{.name = "a.bin"}}};
    const char *path = make(name, script);
    check_message(archived_read(path, ARCHIVED_LAST, INFINITY, &archived), BASIN_DATA,
                  (const char *const[]){text, path, NULL});
    archived_free(&archived);
}

static const char *const writers[] = {
    "t = tarfile.open(p, 'w'); add(t, 'd', type=tarfile.DIRTYPE); add(t, 'd/a.bin', b'alpha'); "
    "add(t, 'd/empty'); add(t, 'b.bin', b'beta'); t.close()\n",
    "t = tarfile.open(p, 'w:gz', format=tarfile.PAX_FORMAT, pax_headers={'comment': 'x'}); "
    "add(t, 'd/a.bin', b'alpha'); add(t, 'd/empty'); add(t, 'b.bin', b'beta'); t.close()\n",
    "z = zipfile.ZipFile(p, 'w'); z.writestr('d/a.bin', b'alpha'); z.writestr('d/empty', b''); "
    "z.writestr('b.bin', b'beta'); z.close()\n",
    "z = zipfile.ZipFile(p, 'w', zipfile.ZIP_DEFLATED)\n"
    "for n, b in ('d/a.bin', b'alpha'), ('d/empty', b''), ('b.bin', b'beta'):\n"
    "    f = z.open(n, 'w', force_zip64=True); f.write(b); f.close()\n"
    "z.close()\n",
};

Test(archive, members_of_each_kind_are_read_and_listed)
{
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        struct archived some = {.count = 5,
                                .members = {{.name = "b.bin"},
                                            {.name = "a.bin"},
                                            {.name = "d/empty"},
                                            {.name = "b.bin"},
                                            {.name = "c.bin"}}};
        struct archived_name *names;
        size_t count;
        const char *path = make("archive", writers[i]);
        OK(archived_read(path, ARCHIVED_LAST, INFINITY, &some));
        expect(&some, 0, "beta");
        expect(&some, 1, "alpha");
        expect(&some, 2, "");
        expect(&some, 3, "beta");
        cr_assert(!some.members[4].is_there && !some.members[4].bytes);
        archived_free(&some);
        OK(archived_list(path, arena, &names, &count));
        cr_assert_eq(count, 3);
        cr_assert_str_eq(names[0].name, "d/a.bin");
        cr_assert_eq(names[0].bytes, 5);
        cr_assert_str_eq(names[2].name, "b.bin");
        cr_assert_eq(archived_is_zip(path), i > 1);
    }
}

Test(archive, a_whole_name_comes_before_a_last_component)
{
    struct archived some = {.count = 1, .members = {{.name = "a.bin"}}};
    const char *path = make("f", "z = zipfile.ZipFile(p, 'w'); z.writestr('d/a.bin', b'in'); "
                                 "z.writestr('a.bin', b'out'); z.writestr('e/a.bin', b'in'); "
                                 "z.close()\n");
    OK(archived_read(path, ARCHIVED_LAST, INFINITY, &some));
    expect(&some, 0, "out");
    archived_free(&some);
    path = make("f", writers[0]);
    OK(archived_read(path, ARCHIVED_FULL, INFINITY, &some));
    cr_assert_not(some.members[0].is_there);
    archived_free(&some);
}

Test(archive, names_of_other_scripts_are_read)
{
    struct archived some = {.count = 1, .members = {{.name = "größe.npy"}}};
    const char *path = make("f", "z = zipfile.ZipFile(p, 'w'); z.writestr('gr\\u00f6\\u00dfe.npy', "
                                 "b'x'); z.close()\n");
    OK(archived_read(path, ARCHIVED_FULL, INFINITY, &some));
    expect(&some, 0, "x");
    archived_free(&some);
}

Test(archive, a_missing_member_is_told_with_what_there_is)
{
    const char *path = make("f.tar", writers[0]);
    check_message(archived_missing(path, "c.bin"), BASIN_DATA,
                  (const char *const[]){"there is no \"c.bin\" in this archive", NULL});
    cr_assert_str_eq(basin_error_last()->file, "");
    cr_assert(strstr(basin_error_last()->hint, "has \"d/a.bin\", \"d/empty\", \"b.bin\""), "%s",
              basin_error_last()->hint);
}

#define TAR(members) "t = tarfile.open(p, 'w'); " members "; t.close()\n"
#define ZIP(members) "z = zipfile.ZipFile(p, 'w', zipfile.ZIP_DEFLATED); " members "; z.close()\n"

Test(archive, what_could_reach_outside_is_refused)
{
    refuses("f", TAR("add(t, 'a.bin', type=tarfile.SYMTYPE, linkname='/etc/passwd')"),
            "member \"a.bin\" is a link");
    refuses("f", TAR("add(t, 'a.bin', b'x'); add(t, 'l', type=tarfile.LNKTYPE, linkname='a.bin')"),
            "member \"l\" is a link");
    refuses("f", TAR("add(t, '/tmp/a.bin', b'x')"), "member \"/tmp/a.bin\" has an absolute path");
    refuses("f", TAR("add(t, '../a.bin', b'x')"), "member \"../a.bin\" has `..` in its path");
    refuses("f", TAR("add(t, 'd/../../a.bin', b'x')"), "has `..` in its path");
    refuses("f", TAR("add(t, 'a.bin', type=tarfile.FIFOTYPE)"), "is neither a file nor a folder");
    refuses("f", TAR("add(t, 'n', type=tarfile.CHRTYPE)"), "is neither a file nor a folder");
    refuses("f", ZIP("z.writestr('d/..', b'x')"), "member \"d/..\" has `..` in its path");
    refuses("f", ZIP("z.writestr('/a.bin', b'x')"), "member \"/a.bin\" has an absolute path");
    refuses("f",
            ZIP("i = zipfile.ZipInfo('a.bin'); i.create_system = 3; "
                "i.external_attr = 0o120777 << 16; z.writestr(i, b'/etc/passwd')"),
            "member \"a.bin\" is a link");
}

Test(archive, two_members_of_a_name_are_refused)
{
    refuses("f", TAR("add(t, 'a.bin', b'x'); add(t, 'a.bin', b'y')"), "two members \"a.bin\"");
    refuses("f", ZIP("z.writestr('d/a.bin', b'x'); z.writestr('e/a.bin', b'y')"),
            "two members \"a.bin\"");
}

Test(archive, damage_is_refused)
{
    refuses("f", TAR("add(t, 'a.bin', 2000 * b'x')") "os.truncate(p, 1500)\n", "Truncated");
    refuses("f",
            "t = tarfile.open(p, 'w:gz'); add(t, 'a.bin', bytes(9)); t.close()\n"
            "b = open(p, 'rb').read(); open(p, 'wb').write(b[:-8] + bytes(8))\n",
            "the gzip data are damaged");
    refuses("f",
            "t = tarfile.open(p, 'w:gz'); add(t, 'a.bin', os.urandom(9000)); t.close()\n"
            "os.truncate(p, 5000)\n",
            "the file ends early (byte 5000 of the file");
    refuses("f",
            "z = zipfile.ZipFile(p, 'w'); z.writestr('a.bin', b'alpha'); z.close()\n"
            "change(b'alpha', b'alphb')\n",
            "member \"a.bin\" cannot be read: ZIP bad CRC");
    refuses("f", ZIP("z.writestr('a.bin', b'alpha')") "os.truncate(p, 60)\n",
            "begins like a zip archive, but has no directory at its end");
    refuses("f", "open(p, 'wb').write(bytes(0))\n", "this is not a zip, tar or tar.gz archive");
    refuses("f", "open(p, 'wb').write(b'hello world')\n", "this is not a zip, tar or tar.gz");
    refuses("f", "import bz2; open(p, 'wb').write(bz2.compress(b'hello world'))\n",
            "is compressed by bzip2");
    refuses("f", "open(p, 'wb').write(gzip.compress(b'hello world'))\n", "this is not a zip");
}

Test(archive, encrypted_members_are_refused)
{
    refuses("f",
            "z = zipfile.ZipFile(p, 'w'); z.writestr('a.bin', b'alpha'); z.close()\n"
            "b = bytearray(open(p, 'rb').read()); b[6] |= 1; b[b.index(b'PK\\x01\\x02') + 8] "
            "|= 1; open(p, 'wb').write(b)\n",
            "member \"a.bin\" is encrypted");
}

/* A gigabyte and more in a small file; a size that no file of this size can hold. */
Test(archive, bombs_are_refused_before_memory_is_taken)
{
    struct archived some = {.count = 1, .members = {{.name = "a.bin"}}};
    const char *path = make("f", ZIP("z.writestr('a.bin', bytes(8 << 20))"));
    check_message(archived_read(path, ARCHIVED_FULL, 1 << 20, &some), BASIN_DATA,
                  (const char *const[]){"member \"a.bin\" takes 8.0 MiB of memory", NULL});
    archived_free(&some);
    refuses("f",
            "t = tarfile.TarInfo('a.bin'); t.size = 1 << 40\n"
            "open(p, 'wb').write(t.tobuf() + bytes(1024))\n",
            "member \"a.bin\" claims to be larger than anything");
    refuses("f",
            "t = tarfile.TarInfo('b.bin'); t.size = 1 << 33; zeros = gzip.compress(bytes(16 << "
            "20), 1)\nopen(p, 'wb').write(gzip.compress(t.tobuf()) + 68 * zeros)\n",
            "its content is more than 64 times as large as the file");
    refuses("f",
            "z = zipfile.ZipFile(p, 'w'); z.writestr('a.bin', b'alpha'); "
            "z.writestr('more', bytes(2 << 20)); z.close()\n"
            "b = bytearray(open(p, 'rb').read()); at = b.index(b'PK\\x01\\x02')\n"
            "b[22:26] = b[at + 24:at + 28] = struct.pack('<I', 5 << 28)\n"
            "open(p, 'wb').write(b)\n",
            "its content is more than 64 times as large as the file");
}

Test(archive, a_folder_or_nothing_is_no_archive)
{
    struct archived some = {.count = 1, .members = {{.name = "a.bin"}}};
    cr_assert_eq(mkdir(in_folder("d"), 0755), 0);
    check_message(archived_read(in_folder("d"), ARCHIVED_FULL, INFINITY, &some), BASIN_DATA,
                  (const char *const[]){"is a folder, not an archive", NULL});
    check_message(archived_read(in_folder("none"), ARCHIVED_FULL, INFINITY, &some), BASIN_DATA,
                  (const char *const[]){"cannot open", NULL});
}

Test(archive, nothing_is_kept_when_memory_is_short)
{
    struct archived some = {.count = 1, .members = {{.name = "a.bin"}}};
    struct archived_name *names;
    size_t count;
    const char *path = make("f", writers[1]);
    for (long n = 1;; n++) {
        memory_fail_at(n);
        basin_status status = archived_read(path, ARCHIVED_LAST, INFINITY, &some);
        if (status == BASIN_OK) status = archived_list(path, arena, &names, &count);
        memory_fail_at(0);
        archived_free(&some);
        if (status == BASIN_OK) break;
        cr_assert_eq(status, BASIN_MEMORY);
    }
}
