/* The texts of src/page/ and d3, which the build puts into the program (src/page/embed.py). Each
 * ends with a zero, which its length does not count; page_d3 is empty where the build found none.
 */
#ifndef BASIN_ANALYSIS_PAGE_PARTS_H
#define BASIN_ANALYSIS_PAGE_PARTS_H

#include <stddef.h>

extern const char page_html[], page_css[], page_script[], page_d3[], page_licence[];
extern const size_t page_html_length, page_css_length, page_script_length, page_d3_length,
    page_licence_length;

#endif
