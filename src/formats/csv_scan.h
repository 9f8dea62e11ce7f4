/* CSV as rows of cells (RFC 4180 and what programs make of it), read by libcsv.
 *
 * Cells are separated by one character, or by any number of spaces where that is a space. A cell in
 * quotes may hold separators, newlines and doubled quotes. Lines end in LF, CRLF or CR, the last
 * one perhaps in nothing. Empty lines and a byte order mark of UTF-8 are passed over; spaces and
 * tabs around a cell do not belong to it. gzipped or not.
 *
 * Promise.  Work and memory follow from the bytes that are read: cells, rows and numbers of cells
 * have a limit (csv_scan.c), so that no single row takes all memory.
 * Errors.  BASIN_DATA with file and line: bytes that are no text (UTF-16, zeros), quotes in wrong
 * places, rows beyond a limit; those of `row`, as they are.
 */
#ifndef BASIN_FORMATS_CSV_SCAN_H
#define BASIN_FORMATS_CSV_SCAN_H

#include "formats/gzip.h"

/* Characters; quote 0: there are no quotes. */
struct csv_dialect {
    char separator, quote;
};

struct csv_cell {
    const char *text; /* zero-terminated */
    size_t length;
};

struct csv_row {
    const char *path;
    long line; /* at which it begins, from 1 */
    const struct csv_cell *cells;
    size_t count;
    double share; /* of the file that has been read, roughly */
};

/* Called for each row; the cells are there until it returns. */
typedef basin_status csv_row_taker(void *context, const struct csv_row *row);

basin_status csv_scan(struct gzip *gzip, const char *path, struct csv_dialect dialect,
                      csv_row_taker *take, void *context);

/* BASIN_DATA, placed: puts "PATH, line N: " before the last error. */
basin_status csv_refuse(const char *path, long line);

#endif
