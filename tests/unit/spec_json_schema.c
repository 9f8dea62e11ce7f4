#include "spec_schema.h"

/* One JSON value at `at`; NULL where it is not valid (RFC 8259, without escapes' digits). */
static const char *skip_json(const char *at);

static const char *skip_string(const char *at)
{
    if (*at != '"') return NULL;
    for (at++; *at && *at != '"'; at++)
        if ((unsigned char)*at < 0x20 || (*at == '\\' && !*++at)) return NULL;
    return *at ? at + 1 : NULL;
}

static const char *skip_items(const char *at, char close, bool is_object)
{
    for (at++; *at != close;) {
        if (is_object && (!(at = skip_string(at)) || *at++ != ':')) return NULL;
        if (!(at = skip_json(at))) return NULL;
        if (*at == ',' && at[1] != close)
            at++;
        else if (*at != close)
            return NULL;
    }
    return at + 1;
}

static const char *skip_json(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    char *end = NULL;
    if (*at == '{') return skip_items(at, '}', true);
    if (*at == '[') return skip_items(at, ']', false);
    if (*at == '"') return skip_string(at);
    for (int i = 0; i < 3; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0) return at + strlen(words[i]);
    strtod(at, &end);
    return end == at ? NULL : end;
}

Test(json_schema, is_json_and_names_what_a_spec_may_hold)
{
    struct text out = {0};
    cr_assert_eq(schema_json(test_schema, &out), BASIN_OK);
    const char *text = text_data(&out), *end = skip_json(text);
    cr_assert_not_null(end);
    cr_expect_str_eq(end, "\n");
    cr_expect(strstr(text, "\"$schema\":\"http://json-schema.org/draft-07/schema#\""));
    cr_expect(strstr(
        text, "\"allOf\":[{\"anyOf\":[{\"required\":[\"study\"]},{\"required\":[\"base\"]}]},{"
              "\"anyOf\":[{\"required\":"
              "[\"architecture\"]},{\"required\":[\"base\"]},{\"required\":[\"sweep\"]}]},"));
    cr_expect(strstr(text, "\"dropout\":{\"type\":[\"number\",\"null\"],\"minimum\":0,"
                           "\"exclusiveMaximum\":1,\"description\":"
                           "\"Rate. Default: 0.\",\"default\":0}"));
    cr_expect(strstr(text, "{\"if\":{\"properties\":{\"type\":{\"const\":\"adam\"}},\"required\":["
                           "\"type\"]},\"then\":{"));
    cr_expect(strstr(text, "\"training.optimizer.type\":{\"type\":[\"array\",\"null\"]"));
    cr_expect(strstr(text, "\"measures.hessian_top.k\":{\"anyOf\":[{\"type\":[\"array\""),
              "numbers may be generated");
    cr_expect_null(strstr(text, "\"dataset.path\":{\"type\":[\"array\""),
                   "what is fixed is no axis");
    text_free(&out);
}

Test(json_schema, every_failed_allocation_is_an_error)
{
    for (int n = 1;; n++) {
        struct text out = {0};
        memory_fail_at(n);
        basin_status status = schema_json(test_schema, &out);
        memory_fail_at(0);
        text_free(&out);
        if (status == BASIN_OK) {
            cr_expect_gt(n, 5);
            break;
        }
        cr_assert_eq(status, BASIN_MEMORY);
    }
}
