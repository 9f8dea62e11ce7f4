#include "analysis/page.h"

#include <string.h>
#include "analysis/page_parts.h"
#include "analysis/results.h"

bool page_is_available(void)
{
    return page_d3_length > 0;
}

/* Where `<` stands for nothing but itself, it is written so that no text of others can end the
 * element around it. (In JSON it occurs inside texts only.) */
static void put_json_in_script(struct text *out, const struct text *json)
{
    const char *at = text_data(json), *next;
    if (json->failed) out->failed = true;
    while ((next = strchr(at, '<'))) {
        text_append_n(out, at, (size_t)(next - at));
        text_append(out, "\\u003c");
        at = next + 1;
    }
    text_append(out, at);
}

static void put_base64(struct text *out, const struct text *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *data = (const unsigned char *)text_data(bytes);
    if (bytes->failed) out->failed = true;
    for (size_t i = 0; i < bytes->length; i += 3) {
        size_t left = bytes->length - i;
        unsigned three = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
                         (left > 2 ? data[i + 2] : 0);
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                        left > 1 ? digits[three >> 6 & 63] : '=',
                        left > 2 ? digits[three & 63] : '='};
        text_append_n(out, four, 4);
    }
}

/* ---- from the template to the page ---- */

static basin_status put_css(const struct page *page, struct text *out)
{
    (void)page;
    text_append(out, page_css);
    return BASIN_OK;
}

static basin_status put_d3(const struct page *page, struct text *out)
{
    (void)page;
    text_append(out, page_d3);
    return BASIN_OK;
}

static basin_status put_licence(const struct page *page, struct text *out)
{
    (void)page;
    page_escape(out, page_licence);
    return BASIN_OK;
}

static basin_status put_script(const struct page *page, struct text *out)
{
    (void)page;
    text_append(out, page_script);
    return BASIN_OK;
}

static basin_status put_title(const struct page *page, struct text *out)
{
    page_escape(out, page->ledger->study ? page->ledger->study : page->folder);
    return BASIN_OK;
}

static basin_status put_data(const struct page *page, struct text *out)
{
    struct text json = {0}, bytes = {0};
    basin_status status = page_write_data(page, &json, &bytes);
    put_json_in_script(out, &json);
    text_append(out, "</script>\n<script type=\"text/plain\" id=\"numbers\">");
    put_base64(out, &bytes);
    text_free(&json);
    text_free(&bytes);
    return status;
}

/* The template has a mark, <!--NAME-->, for each of these. */
static const struct page_mark {
    const char *mark;
    basin_status (*put)(const struct page *page, struct text *out);
} page_marks[] = {
    {"<!--title-->", put_title},  {"<!--css-->", put_css}, {"<!--table-->", page_write_table},
    {"<!--data-->", put_data},    {"<!--d3-->", put_d3},   {"<!--licence-->", put_licence},
    {"<!--script-->", put_script}};

static const struct page_mark *mark_at(const char *text)
{
    for (size_t i = 0; i < sizeof page_marks / sizeof *page_marks; i++)
        if (strncmp(text, page_marks[i].mark, strlen(page_marks[i].mark)) == 0)
            return &page_marks[i];
    return NULL;
}

static basin_status put_page(const struct page *page, struct text *out)
{
    const char *at = page_html, *next;
    for (; (next = strstr(at, "<!--")); at = next) {
        const struct page_mark *mark = mark_at(next);
        text_append_n(out, at, (size_t)(next - at));
        if (mark) TRY(mark->put(page, out));
        next += mark ? strlen(mark->mark) : 0;
        if (!mark) text_append_n(out, next++, 1);
    }
    text_append(out, at);
    return text_status(out);
}

basin_status page_make(struct arena *arena, const char *folder, struct text *out,
                       const struct table **table)
{
    struct page page = {.arena = arena, .folder = folder};
    struct ledger *ledger;
    struct table *loaded;
    struct table_source source = {.path = folder, .arrays = true};
    TRY(table_load_runs(arena, &source, 1, &loaded));
    const struct ledger_reader reader = results_reader(loaded->results, folder);
    TRY(ledger_read(arena, folder, &reader, &ledger));
    page.ledger = ledger;
    *table = page.table = loaded;
    TRY(page_read(&page));
    return put_page(&page, out);
}
