#include "formats/csv_scan.h"
#include "formats_csv_helpers.h"

TestSuite(csv_scan, .init = data_start, .fini = csv_stop);

/* Rows as "line:[cell][cell]\n". */
static basin_status row_write(void *context, const struct csv_row *row)
{
    text_format(context, "%ld:", row->line);
    for (size_t i = 0; i < row->count; i++) {
        text_append(context, "[");
        text_append_n(context, row->cells[i].text, row->cells[i].length);
        text_append(context, "]");
    }
    text_append(context, "\n");
    return BASIN_OK;
}

static basin_status scan_text(const char *bytes, size_t length, struct csv_dialect dialect,
                              struct text *out)
{
    struct gzip *gzip;
    TRY(gzip_open_bytes("f.csv", (const uint8_t *)bytes, length, &gzip));
    basin_status status = csv_scan(gzip, "f.csv", dialect, row_write, out);
    gzip_close(gzip);
    return status;
}

static void rows(const char *text, char separator, char quote, const char *wanted)
{
    struct text out = {0};
    OK(scan_text(text, strlen(text), (struct csv_dialect){separator, quote}, &out));
    cr_assert_str_eq(text_data(&out), wanted, "%s gives %s", text, text_data(&out));
    text_free(&out);
}

static void scan_refused(const char *bytes, size_t length, long line, const char *message)
{
    struct text out = {0};
    check_message(scan_text(bytes, length, (struct csv_dialect){',', '"'}, &out), BASIN_DATA,
                  (const char *const[]){message, NULL});
    cr_assert_eq(basin_error_last()->line, line, "line %ld", basin_error_last()->line);
    text_free(&out);
}

Test(csv_scan, ends_of_lines)
{
    rows("a,b\nc,d\n", ',', '"', "1:[a][b]\n2:[c][d]\n");
    rows("a,b\r\nc,d\r\n", ',', '"', "1:[a][b]\n2:[c][d]\n");
    rows("a,b\rc,d\r", ',', '"', "1:[a][b]\n2:[c][d]\n");
    rows("a,b\nc,d", ',', '"', "1:[a][b]\n2:[c][d]\n");
    rows("\n\na,b\n \n\r\n\nc,d\n\n", ',', '"', "3:[a][b]\n7:[c][d]\n");
    rows("a,b\r\n\r\n\rc,d", ',', '"', "1:[a][b]\n4:[c][d]\n");
    rows("", ',', '"', "");
}

Test(csv_scan, quotes)
{
    rows("\"a,b\",\"c\"\"d\",\"\"\n1,2,3\n", ',', '"', "1:[a,b][c\"d][]\n2:[1][2][3]\n");
    rows("\"a\nb\",c\nd,e\n", ',', '"', "1:[a\nb][c]\n3:[d][e]\n");
    rows("\"a\r\nb\",c\r\nd,e\n", ',', '"', "1:[a\r\nb][c]\n3:[d][e]\n");
    rows("'a,b',c\n", ',', '\'', "1:[a,b][c]\n");
    rows("\"a,b\"\n", ',', 0, "1:[\"a][b\"]\n");
    rows("5\" pipe,1\n", ',', 0, "1:[5\" pipe][1]\n");
}

Test(csv_scan, spaces_around_cells)
{
    rows("  a , \"b\" ,\" c \"\t,d e\t\n", ',', '"', "1:[a][b][c][d e]\n");
    rows("a,,\n,,\n", ',', '"', "1:[a][][]\n2:[][][]\n");
}

Test(csv_scan, separators)
{
    rows("a;b,c\n", ';', '"', "1:[a][b,c]\n");
    rows("a\tb c\t\n", '\t', '"', "1:[a][b c][]\n");
    rows("a|b\n", '|', '"', "1:[a][b]\n");
    rows("  1   2 3  \n\"4 5\" 6\n   \n7 \"\" 8\n", ' ', '"',
         "1:[1][2][3]\n2:[4 5][6]\n4:[7][][8]\n");
}

Test(csv_scan, a_mark_of_utf8_is_passed_over)
{
    rows("\xef\xbb\xbf"
         "a,b\n",
         ',', '"', "1:[a][b]\n");
    rows("\xef\xbb\xbf", ',', '"', "");
}

static void quotes_refused(const char *text, long line, const char *message)
{
    scan_refused(text, strlen(text), line, message);
}

Test(csv_scan, wrong_quotes)
{
    quotes_refused("a,b\n5\" pipe,1\n", 2, "stands inside a cell");
    quotes_refused("a,b\n\"x\"y,1\n", 2, "stands inside a cell");
    quotes_refused("a,b\n1,2\n\"x,1\n3,4\n", 3, "never closed");
}

Test(csv_scan, what_is_no_text)
{
    scan_refused("\xff\xfe"
                 "a\0,\0",
                 6, 1, "UTF-16");
    scan_refused("\xfe\xff\0a", 4, 1, "UTF-16");
    scan_refused("a\0,\0b\0", 6, 1, "zero byte");
    scan_refused("a,b\n1,2\n3\0,4\n", 13, 3, "zero byte");
    scan_refused("PK\x03\x04zzzz", 8, 1, "ZIP archive");
}

static char *filled(char c, size_t length, const char *front)
{
    char *bytes = arena_allocate(arena, length);
    memset(bytes, c, length);
    memcpy(bytes, front, strlen(front));
    return bytes;
}

Test(csv_scan, limits)
{
    enum { MIB = 1 << 20 };
    char *bytes = filled('x', 3 * MIB, "a,b\n");
    scan_refused(bytes, 3 * MIB, 2, "a cell has more than");
    bytes = filled('\n', 3 * MIB, "a,b\n\"");
    scan_refused(bytes, 3 * MIB, 2, "a cell has more than");
    bytes = filled(',', 3 * MIB, "a,b\n");
    scan_refused(bytes, 3 * MIB, 2, "more than 1048576 cells");
    bytes = filled('\n', 3 * MIB, "a,b\n");
    scan_refused(bytes, 3 * MIB, 1000003, "empty lines");
    bytes = filled(' ', 65 * MIB, "a,b\n");
    scan_refused(bytes, 65 * MIB, 2, "the row has more than");
    bytes = filled('x', 2 * MIB, "a,b\n");
    for (size_t i = 1 << 19; i < 2 * MIB; i += 1 << 19) bytes[i] = ',';
    struct text out = {0};
    OK(scan_text(bytes, 2 * MIB, (struct csv_dialect){',', '"'}, &out));
    cr_assert_gt(out.length, 2 * MIB - 4);
    text_free(&out);
}

/* Pieces of the file end anywhere: the same rows come of a file in which each row is at another
 * place of the buffer. */
Test(csv_scan, rows_do_not_depend_on_where_pieces_end)
{
    struct text text = {0}, wanted = {0}, out = {0};
    long line = 1;
    for (int i = 0; text.length < 1 << 20; i++) {
        text_format(&text, "%d,\"x\r\n%d\",\"\"\"%.*s\"\r\n", i, i, i % 17, "yyyyyyyyyyyyyyyyyyyy");
        text_format(&wanted, "%ld:[%d][x\r\n%d][\"%.*s]\n", line, i, i, i % 17,
                    "yyyyyyyyyyyyyyyyyyyy");
        line += 2;
    }
    OK(scan_text(text_data(&text), text.length, (struct csv_dialect){',', '"'}, &out));
    cr_assert_eq(strcmp(text_data(&out), text_data(&wanted)), 0);
    text_free(&out);
    write_gzip("f.gz", text_data(&text), text.length, "wb");
    struct gzip *gzip;
    OK(gzip_open(in_folder("f.gz"), &gzip));
    OK(csv_scan(gzip, "f.gz", (struct csv_dialect){',', '"'}, row_write, &out));
    gzip_close(gzip);
    cr_assert_eq(strcmp(text_data(&out), text_data(&wanted)), 0);
    text_free(&out);
    text_free(&wanted);
    text_free(&text);
}

Test(csv_scan, damaged_gzip)
{
    struct text out = {0};
    struct gzip *gzip;
    write_gzip("f.gz", "a,b\n1,2\n", 8, "wb");
    cr_assert_eq(truncate(in_folder("f.gz"), 24), 0);
    OK(gzip_open(in_folder("f.gz"), &gzip));
    check_message(csv_scan(gzip, "f.gz", (struct csv_dialect){',', '"'}, row_write, &out),
                  BASIN_DATA, (const char *const[]){"ends early", NULL});
    gzip_close(gzip);
    text_free(&out);
}
