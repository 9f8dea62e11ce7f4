#include "formats/csv_file.h"
#include "formats_csv_helpers.h"

TestSuite(csv_file, .init = data_start, .fini = csv_stop);

/* ---- what columns are ---- */

Test(csv_file, numbers_and_whole_number_targets)
{
    csv_check("a,b,y\n1,2.5,0\n-3,1e3,2\n", NULL, );
    X(0, 2, 2, 1, 2.5, -3, 1000);
    INTEGERS(parts[0].y, 0, 2);
    FEATURES("a", "b");
    cr_assert_str_eq(csv.target, "y");
    cr_assert_null(csv.parts[1].x.data);
    cr_assert_null(csv.parts[0].group.data);
}

Test(csv_file, targets_with_a_point_are_floats)
{
    csv_check("x,y\n1,1.0\n2,2\n", NULL, );
    const struct store_array *y = &csv.parts[0].y;
    cr_assert(y->type == RECORD_FLOAT64 && y->rank == 1 && y->dims[0] == 2);
    cr_assert_eq(((double *)y->data)[1], 2);
}

/* In one of the files is enough. */
Test(csv_file, both_files_have_targets_of_one_type)
{
    csv_check("x,y\n1,1\n2,2\n", "x,y\n3,1.5\n", );
    cr_assert_eq(csv.parts[0].y.type, RECORD_FLOAT64);
    cr_assert_eq(csv.parts[1].y.type, RECORD_FLOAT64);
    cr_assert_eq(((double *)csv.parts[1].y.data)[0], 1.5);
}

Test(csv_file, whole_numbers_beyond_float64_are_floats)
{
    csv_check("x,y\n1,9007199254740993\n", NULL, );
    cr_assert_eq(csv.parts[0].y.type, RECORD_FLOAT64);
    csv_check("x,y\n1,-9007199254740991\n", NULL, );
    INTEGERS(parts[0].y, -9007199254740991);
}

Test(csv_file, texts_are_one_feature_each_in_the_order_of_bytes_of_both_files)
{
    csv_check("colour,n,y\nred,1,b\nblue,2,a\n", "colour,n,y\nZinc,3,a\nred,4,c\n", );
    X(0, 2, 4, 0, 0, 1, 1, 0, 1, 0, 2);
    X(1, 2, 4, 1, 0, 0, 3, 0, 0, 1, 4);
    FEATURES("colour=Zinc", "colour=blue", "colour=red", "n");
    WORDS(parts[0].y, "b", "a");
    WORDS(parts[1].y, "a", "c");
}

Test(csv_file, true_and_false_are_one_and_zero)
{
    csv_check("f,g,y\ntrue,False,TRUE\nFALSE,True,false\n", NULL, );
    X(0, 2, 2, 1, 0, 0, 1);
    FEATURES("f", "g");
    INTEGERS(parts[0].y, 1, 0);
}

Test(csv_file, a_third_word_makes_texts_of_booleans)
{
    csv_check("f,y\ntrue,1\nmaybe,2\n", NULL, );
    FEATURES("f=maybe", "f=true");
    csv_check("f,y\ntrue,1\nfalse,2\n", NULL, o.categorical = LIST("f"));
    FEATURES("f=false", "f=true");
}

Test(csv_file, numbers_and_texts_in_one_column_are_refused_in_any_order)
{
    csv_refused("a,y\n1,1\n2,1\nx1,1\n", NULL, 4,
                ("line 4: column \"a\": \"x1\" is no number, but \"1\" on line 2 is one",
                 "categorical: [a]"), );
    csv_refused("a,y\nx1,1\n2,1\n", NULL, 3, ("\"2\" is a number, but \"x1\" on line 2 is none"), );
    csv_refused("a,y\nx1,1\n", "a,y\n2,1\n", 2,
                ("test.csv, line 2", "\"x1\" in train.csv on line 2"), );
    csv_check("a,y\nx1,1\n2,1\n", NULL, o.categorical = LIST("a"));
    FEATURES("a=2", "a=x1");
}

Test(csv_file, categorical_numbers_keep_their_text)
{
    csv_check("zip,y\n01,7\n1,7\n01,8\n", NULL, o.categorical = LIST("zip", "y"));
    X(0, 3, 2, 1, 0, 0, 1, 1, 0);
    FEATURES("zip=01", "zip=1");
    WORDS(parts[0].y, "7", "7", "8");
}

Test(csv_file, what_was_meant_as_a_number_is_no_category)
{
    csv_refused("a,y\n0x10,1\n", NULL, 2, ("column \"a\": \"0x10\" is no number", "hexadecimal"), );
    csv_refused("a,y\n1,1\n1_000,1\n", NULL, 3, ("thousands"), );
    csv_refused("a;y\n1,5;1\n", NULL, 2, ("decimal: comma"), o.dialect.separator = ';');
    csv_refused("a;y\n1.234,5;1\n", NULL, 2, ("thousands"), o.dialect.separator = ';');
    csv_refused("a,y\n1,1\n1e999,1\n", NULL, 3, ("1e999", "range"), );
    csv_refused("a,y\ninf,1\n", NULL, 2, ("missing_texts"), );
    csv_check("a,y\n0x10,1\n", NULL, o.categorical = LIST("a"));
    FEATURES("a=0x10");
}

/* ---- headers ---- */

Test(csv_file, without_a_header_columns_have_numbers)
{
    csv_check("1,2,red,0\n4,5,blue,1\n", NULL, o.header = false);
    X(0, 2, 4, 1, 2, 0, 1, 4, 5, 1, 0);
    FEATURES("column 1", "column 2", "column 3=blue", "column 3=red");
    cr_assert_str_eq(csv.target, "column 4");
}

Test(csv_file, a_header_that_is_data_is_refused)
{
    csv_refused("5.1,3.5,setosa\n4.9,3.0,setosa\n", NULL, 1,
                ("\"5.1\" is a number", "header: false"), );
    csv_refused("39,77516,13,yes\n50,83311,13,no\n", NULL, 1, ("\"77516\" is a number"), );
    csv_refused("1,0\n2,1\n", NULL, 1, ("header: false"), );
    csv_refused("5,7\n2,1\n", NULL, 1, ("header: false"), );
    cr_assert_str_eq(basin_error_last()->key, "header");
    csv_refused("0,1\n2,1\n", NULL, 1, ("header: false"), );
    csv_refused("7,13,yes\n1,2,no\n", NULL, 1, ("\"13\" is a number"), );
    csv_refused("17,private,yes\n18,public,no\n19,private,no\n", NULL, 1,
                ("\"private\" is a value of its column too", "header: false"), );
    csv_refused("p,x,s\nq,x,r\np,y,s\n", NULL, 1, ("\"p\" is a value"), );
}

Test(csv_file, names_may_be_numbers_that_count)
{
    csv_check("0,1,2\n5,6,7\n", NULL, );
    FEATURES("0", "1");
    csv_check("label,0,1\n5,6,7\n", NULL, o.target = "label");
    FEATURES("0", "1");
    csv_check("1990,1995,2010,y\n5,6,7,1\n", NULL, );
    FEATURES("1990", "1995", "2010");
    csv_check("n,x,y\n5,x,1\n7,z,1\n", NULL, ); /* a mark that is called as it is */
    FEATURES("n", "x=x", "x=z");
}

Test(csv_file, data_under_a_header_that_is_not_said_to_be_one)
{
    csv_refused("age,y\n1,2\n", NULL, 2,
                ("\"1\" is a number, but \"age\" on line 1 is none", "header: true"),
                o.header = false);
}

Test(csv_file, names_are_unique_and_there)
{
    csv_refused("a,a,y\n1,2,3\n", NULL, 1, ("two columns are called \"a\""), );
    csv_refused(",a,y\n0,2,3\n", NULL, 1, ("column 1 has no name", "exclude: [1]"), );
    csv_check(",a,y\n0,2,3\n", NULL, o.exclude = LIST("1"));
    X(0, 1, 1, 2);
    csv_refused("a\xff,y\n1,2\n", NULL, 1, ("UTF-8"), );
}

/* ---- which columns ---- */

Test(csv_file, columns_by_name_and_number)
{
    static const char text[] = "a,b,c,2\n1,2,3,4\n";
    csv_check(text, NULL, o.target = "a");
    X(0, 1, 3, 2, 3, 4);
    csv_check(text, NULL, o.target = "3");
    X(0, 1, 3, 1, 2, 4);
    csv_check(text, NULL, o.target = "2"); /* a name first */
    X(0, 1, 3, 1, 2, 3);
    csv_check(text, NULL, o.target = "-3");
    X(0, 1, 3, 1, 3, 4);
    csv_check(text, NULL, o.target = "a"; o.features = LIST("c", "b"));
    X(0, 1, 2, 3, 2);
    FEATURES("c", "b");
    csv_check(text, NULL, o.features = LIST("c", "-1"));
    X(0, 1, 2, 3, 4);
    cr_assert_str_eq(csv.target, "b");
    csv_check(text, NULL, o.exclude = LIST("a", "-1"));
    X(0, 1, 1, 2);
    cr_assert_str_eq(csv.target, "c");
}

Test(csv_file, several_targets)
{
    csv_check("a,b,c\n1,2,3\n4,5,6.5\n", NULL, o.targets = LIST("c", "a"));
    const struct store_array *y = &csv.parts[0].y;
    cr_assert(y->type == RECORD_FLOAT64 && y->rank == 2 && y->dims[0] == 2 && y->dims[1] == 2);
    cr_assert_arr_eq((double *)y->data, ((double[]){3, 1, 6.5, 4}), 32);
    X(0, 2, 1, 2, 5);
    cr_assert_str_eq(csv.target, "c, a");
    csv_check("a,b,c\n1,1,0\n4,0,1\n", NULL, o.targets = LIST("b", "c"));
    cr_assert(csv.parts[0].y.type == RECORD_INTEGER && csv.parts[0].y.rank == 2);
    csv_refused("a,b,c\n1,x,0\n", NULL, 0, ("column \"b\"", "several targets are numbers"),
                o.targets = LIST("b", "c"));
}

Test(csv_file, a_group_is_no_feature)
{
    csv_check("a,who,y\n1,10,0\n2,9,1\n3,10,1\n", NULL, o.group = "who");
    X(0, 3, 1, 1, 2, 3);
    INTEGERS(parts[0].group, 10, 9, 10);
    csv_check("a,who,y\n1,x,0\n2,10,1\n", "y,who,a\n1,z,5\n", o.group = "who");
    WORDS(parts[0].group, "x", "10");
    WORDS(parts[1].group, "z");
    X(1, 1, 1, 5);
}

static void check_key(const char *key)
{
    cr_assert_str_eq(basin_error_last()->key, key, "%s", basin_error_last()->key);
}

Test(csv_file, wrong_columns_are_named_with_their_key)
{
    static const char text[] = "age,size,y\n1,2,3\n";
    csv_refused(text, NULL, 0, ("train.csv has no column \"sise\"", "did you mean \"size\""),
                o.target = "sise");
    check_key("target");
    csv_refused(text, NULL, 0, ("\"age\", \"size\", \"y\""), o.exclude = LIST("something"));
    check_key("exclude");
    csv_refused(text, NULL, 0, ("no column \"4\""), o.group = "4");
    check_key("group");
    csv_refused(text, NULL, 0, ("no column \"0\""), o.features = LIST("0"));
    check_key("features");
    csv_refused(text, NULL, 0, ("column \"y\": is a target already"), o.features = LIST("y");
                o.target = "y");
    csv_refused(text, NULL, 0, ("column \"y\": is excluded"), o.exclude = LIST("y");
                o.target = "y");
    csv_refused(text, NULL, 0, ("column \"y\": is a target already"), o.targets = LIST("y", "y"));
    csv_refused(text, NULL, 0, ("is not used"), o.features = LIST("age");
                o.categorical = LIST("size"));
    check_key("categorical");
    csv_refused(text, NULL, 0, ("either"), o.target = "y"; o.targets = LIST("age"));
    check_key("target, targets");
    csv_refused(text, NULL, 0, ("either"), o.features = LIST("age"); o.exclude = LIST("size"));
    csv_refused(text, NULL, 1, ("no column is left"), o.exclude = LIST("age", "size"));
    csv_refused(text, NULL, 0, ("none is left as the target"),
                o.exclude = LIST("age", "size", "y"));
    csv_refused("1,2\n", NULL, 0, ("numbered from 1"), o.header = false; o.target = "y");
}

/* ---- two files ---- */

Test(csv_file, test_columns_are_found_by_name)
{
    csv_check("a,b,y\n1,2,3\n", "y,b,a\n6,5,4\n", );
    X(1, 1, 2, 4, 5);
    INTEGERS(parts[1].y, 6);
    csv_check("a,b,id,y\n1,2,9,3\n", "y,b,a\n6,5,4\n", o.exclude = LIST("id"));
    X(1, 1, 2, 4, 5);
}

Test(csv_file, test_columns_are_the_same)
{
    csv_refused("a,b,y\n1,2,3\n", "a,b,c,y\n1,2,3,4\n", 1, ("column \"c\" is not in train.csv"), );
    check_key("test_path");
    csv_refused("a,b,y\n1,2,3\n", "a,y\n1,3\n", 1, ("no column \"b\", which train.csv has"), );
    csv_refused("a,b,y\n1,2,3\n", "a,b\n1,3\n", 1, ("no column \"y\"", "test_fraction"), );
    csv_refused("a,b,y\n1,2,3\n", "a,b,y,a\n1,2,3,4\n", 1, ("two columns are called \"a\""), );
    csv_refused("1,2,3\n", "1,2\n", 1, ("there are 2 columns, but 3 in train.csv"),
                o.header = false);
    csv_check("a,b,y\n1,2,3\n", "a,c,y\n1,3,3\n", o.features = LIST("a"); o.target = "y");
    X(1, 1, 1, 1);
}

/* ---- missing values ---- */

Test(csv_file, missing_values_are_an_error_at_first)
{
    csv_refused("a,b,y\n1,2,3\n1,,3\n", NULL, 3,
                ("train.csv, line 3: column \"b\": the value is missing", "missing: drop"), );
    check_key("missing");
    csv_refused("a,b,y\n1,NA,3\n", NULL, 2, ("\"NA\" means that the value is missing"), );
    csv_refused("a,b,y\n1,-999,3\n", NULL, 2, ("\"-999\" means"), o.missing_texts = LIST("-999"));
    csv_check("a,b,y\n1,NA,3\n", NULL, o.missing_texts = LIST("-999"));
    FEATURES("a", "b=NA");
}

Test(csv_file, rows_with_missing_values_are_dropped)
{
    csv_check("a,c,y\n1,u,1\n?,v,2\n3,,3\n4,w,NaN\n5,u,4\n", "a,c,y\n,u,1\n6,u,2\n",
              o.missing = CSV_MISSING_DROP);
    X(0, 2, 2, 1, 1, 5, 1);
    FEATURES("a", "c=u"); /* v and w are gone with their rows */
    INTEGERS(parts[0].y, 1, 4);
    cr_assert_eq(csv.parts[0].dropped, 3);
    cr_assert_eq(csv.parts[0].rows[0], 0);
    cr_assert_eq(csv.parts[0].rows[1], 4);
    cr_assert_eq(csv.parts[1].dropped, 1);
    cr_assert_eq(csv.parts[1].rows[0], 1);
    csv_check("a,y\n1,1\n", NULL, o.missing = CSV_MISSING_DROP);
    cr_assert_null(csv.parts[0].rows);
    csv_refused("a,y\n1,\n,2\n", NULL, 0, ("each of its 2 rows"), o.missing = CSV_MISSING_DROP);
}

Test(csv_file, means_are_those_of_the_training_file)
{
    csv_check("a,c,y\n1,u,1\n,v,2\n4,,3\n1,u,3\n", "a,c,y\n,u,1\n6,,2\n",
              o.missing = CSV_MISSING_MEAN);
    X(0, 4, 3, 1, 1, 0, 2, 0, 1, 4, 2.0 / 3, 1.0 / 3, 1, 1, 0);
    X(1, 2, 3, 2, 1, 0, 6, 2.0 / 3, 1.0 / 3);
    cr_assert_eq(csv.parts[0].filled, 2);
    cr_assert_eq(csv.parts[1].filled, 2);
    csv_refused("a,y\n1,\n", NULL, 2, ("column \"y\"", "missing: drop"),
                o.missing = CSV_MISSING_MEAN);
    csv_refused("a,b,y\n1,,1\n", NULL, 0, ("all values of \"b\" are missing"),
                o.missing = CSV_MISSING_MEAN);
}

/* ---- types, shapes ---- */

Test(csv_file, bytes_and_float32)
{
    csv_check("y,a,b\n7,0,255\n", NULL, o.type = RECORD_BYTE; o.target = "y");
    cr_assert(csv.parts[0].x.type == RECORD_BYTE && ((uint8_t *)csv.parts[0].x.data)[1] == 255);
    csv_check("a,b,y\n0.1,?,1\n0.5,3,1\n", NULL, o.type = RECORD_FLOAT32;
              o.missing = CSV_MISSING_MEAN);
    cr_assert_eq(csv.parts[0].x.type, RECORD_FLOAT32);
    cr_assert_arr_eq((float *)csv.parts[0].x.data, ((float[]){0.1f, 3, 0.5f, 3}), 16);
    csv_refused("a,y\n1,1\n256,1\n", NULL, 3, ("\"256\" is no whole number of 0 to 255"),
                o.type = RECORD_BYTE);
    check_key("type");
    csv_refused("a,y\n0.5,1\n", NULL, 2, ("0.5"), o.type = RECORD_BYTE);
    csv_refused("a,y\nred,1\n", NULL, 2, ("\"red\" is a text"), o.type = RECORD_BYTE);
    csv_refused("a,y\n1e39,1\n", NULL, 2, ("float32"), o.type = RECORD_FLOAT32);
    csv_refused("a,y\n1,1\n", NULL, 0, ("mean"), o.type = RECORD_BYTE;
                o.missing = CSV_MISSING_MEAN);
    csv_check("a,y\n,1\n3,1\n", NULL, o.type = RECORD_BYTE; o.missing = CSV_MISSING_DROP);
    cr_assert_eq(((uint8_t *)csv.parts[0].x.data)[0], 3);
}

Test(csv_file, rows_are_images_of_a_shape)
{
    csv_check("a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n", NULL, o.rank = 2; o.shape[0] = 3; o.shape[1] = 2);
    const struct store_array *x = &csv.parts[0].x;
    cr_assert(x->rank == 3 && x->dims[0] == 1 && x->dims[1] == 3 && x->dims[2] == 2);
    csv_refused("a,b,y\n1,2,0\n", NULL, 0, ("2 features"), o.rank = 2; o.shape[0] = 3;
                o.shape[1] = 2);
    check_key("shape");
    csv_refused("a,b,y\n1,2,0\n", NULL, 0, ("2 features"), o.rank = 2;
                o.shape[0] = SIZE_MAX / 2 + 2; o.shape[1] = 2);
}

/* ---- limits and memory ---- */

Test(csv_file, identifiers_are_refused_as_features_only)
{
    struct text text = {0};
    text_append(&text, "name,y\n");
    for (int i = 0; i < 1001; i++) text_format(&text, "n%d,t%d\n", i, i);
    csv_refused(text_data(&text), NULL, 1002,
                ("more than 1000 different texts", "exclude: [name]"), );
    text.data[text.length - strlen("n1000,t1000\n")] = '\0';
    csv_check(text_data(&text), NULL, );
    cr_assert_eq(csv.feature_count, 1000);
    text_free(&text);
}

/* Each name is found at once, however many columns without a name stand before it. */
Test(csv_file, half_a_million_columns)
{
    enum { WIDE = 1 << 18 };
    struct text text = {0};
    text_append(&text, "a,y");
    text_fill(&text, ',', WIDE);
    for (int i = 0; i < WIDE; i++) text_format(&text, ",c%d", i);
    text_append(&text, "\n1,2");
    text_fill(&text, ',', 2 * WIDE);
    text_append(&text, "\n");
    csv_check(text_data(&text), text_data(&text), o.features = LIST("a"); o.target = "y");
    X(1, 1, 1, 1);
    text_free(&text);
}

Test(csv_file, files_without_rows)
{
    csv_refused("", NULL, 0, ("train.csv is empty"), );
    csv_refused("\n\n", NULL, 0, ("train.csv is empty"), );
    csv_refused("a,y\n", NULL, 0, ("no rows below its header"), );
    csv_refused("a,y\n1,2\n", "a,y\n", 0, ("test.csv has no rows"), );
    check_key("test_path");
}

Test(csv_file, many_rows_and_little_memory)
{
    struct text text = {0};
    text_append(&text, "a,b,y\n");
    for (int i = 0; i < 30000; i++) text_format(&text, "%d,%s,%d\n", i, i % 3 ? "u" : "v", i % 2);
    write_plain("rows.csv", text_data(&text), text.length);
    struct csv_options o = csv_defaults();
    o.paths[0] = in_folder("rows.csv");
    OK(csv_read(&o, INFINITY, arena, &csv));
    cr_assert_eq(csv.parts[0].x.dims[0], 30000);
    for (size_t i = 0; i < 30000; i++) {
        const double *x = (double *)csv.parts[0].x.data + 3 * i;
        cr_assert(x[0] == (double)i && x[1] == (i % 3 != 0) && x[2] == (i % 3 == 0));
        cr_assert_eq(((int64_t *)csv.parts[0].y.data)[i], (int64_t)i % 2);
    }
    csv_data_free(&csv);
    check_message(csv_read(&o, 500e3, arena, &csv), BASIN_DATA,
                  (const char *const[]){"rows.csv takes", "there is room for", NULL});
    write_gzip("rows.csv.gz", text_data(&text), text.length, "wb");
    o.paths[0] = in_folder("rows.csv.gz");
    OK(csv_read(&o, INFINITY, arena, &csv));
    cr_assert_eq(((double *)csv.parts[0].x.data)[3 * 29999], 29999);
    text_free(&text);
}

Test(csv_file, failing_allocations_are_reported)
{
    basin_status status = BASIN_MEMORY;
    long n = 1;
    for (; status == BASIN_MEMORY; n++) {
        struct csv_options o = csv_defaults();
        o.group = "g";
        o.missing = CSV_MISSING_MEAN;
        memory_fail_at(n);
        status = csv_try(o, "a,c,g,y\n1,u,1,p\n,v,2,q\n", "a,c,g,y\n1,,1,p\n");
        memory_fail_at(0);
    }
    OK(status);
    cr_assert_gt(n, 30);
}

Test(csv_file, files_that_are_not_there)
{
    struct csv_options o = csv_defaults();
    o.paths[0] = in_folder("absent.csv");
    check_message(csv_read(&o, INFINITY, arena, &csv), BASIN_DATA,
                  (const char *const[]){"absent.csv", "No such file", NULL});
    check_key("path");
    o.paths[0] = folder;
    check_message(csv_read(&o, INFINITY, arena, &csv), BASIN_DATA,
                  (const char *const[]){"is a folder", NULL});
}
