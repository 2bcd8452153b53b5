/* test_engine.c -- engines, programs and what they tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/api/fixture.h"

START_TEST(names_of_statuses_are_stable)
{
    ck_assert_str_eq(jitrun_status_name(JITRUN_ERR_NO_MEMORY), "no-memory");
    ck_assert_str_eq(jitrun_status_name((enum jitrun_status)999), "unknown");
    ck_assert_ptr_nonnull(jitrun_status_text((enum jitrun_status)999));
    ck_assert_str_eq(jitrun_version(), "0.1.0");
}
END_TEST

START_TEST(wrong_use_is_a_status)
{
    struct jitrun_config config = { .size = 3 };
    struct jitrun_engine *engine = (void *)&config;
    struct jitrun_program *program = (void *)&config;
    struct jitrun_shape shape = { .size = 0 };
    ck_assert_int_eq(jitrun_engine_create(NULL, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_engine_create(&config, &engine), JITRUN_ERR_INVALID);
    ck_assert_ptr_null(engine);
    config = (struct jitrun_config){ .size = sizeof config, .jit = (enum jitrun_jit)7 };
    ck_assert_int_eq(jitrun_engine_create(&config, &engine), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_compile_text(NULL, JITRUN_MIMIUM, "", "", 0, &program), JITRUN_ERR_INVALID);
    ck_assert_ptr_null(program);
    engine = new_engine();
    ck_assert_int_eq(jitrun_compile_text(engine, (enum jitrun_language)9, "", "", 0, &program), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_MIMIUM, "", NULL, 1, &program), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_MIMIUM, "", "", 0, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_compile_file(engine, NULL, &program), JITRUN_ERR_INVALID);
    ck_assert_str_ne(jitrun_engine_message(engine), "");
    program = compile(engine, "fn dsp(){ 1 }");
    ck_assert_int_eq(jitrun_program_get_shape(program, &shape), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_program_get_shape(program, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_program_emit(program, JITRUN_STAGE_BYTECODE, NULL, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_program_emit(program, JITRUN_STAGE_LLVM, append, NULL), JITRUN_ERR_UNSUPPORTED);
    ck_assert_ptr_null(jitrun_program_file(program, 1));
    ck_assert_ptr_null(jitrun_program_control(program, 0, NULL));
    ck_assert_ptr_null(jitrun_program_probe(program, 0));
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    jitrun_program_destroy(NULL);
    jitrun_engine_destroy(NULL);
    ck_assert_str_eq(jitrun_engine_message(NULL), "");
    ck_assert_int_eq(jitrun_engine_has_compiler(NULL), false);
}
END_TEST

START_TEST(structures_of_other_versions_are_understood)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, "fn dsp(){ (1, 2) }");
    struct {
        struct jitrun_shape known;
        unsigned char unknown[16];
    } later;
    struct jitrun_shape first = { .size = offsetof(struct jitrun_shape, output_channels) };
    memset(&later, 0xff, sizeof later);
    later.known.size = sizeof later;
    ck_assert_int_eq(jitrun_program_get_shape(program, (struct jitrun_shape *)&later), JITRUN_OK);
    ck_assert_uint_eq(later.known.output_channels, 2);
    ck_assert_uint_eq(later.unknown[15], 0);
    first.output_channels = 77;
    ck_assert_int_eq(jitrun_program_get_shape(program, &first), JITRUN_OK);
    ck_assert(first.has_dsp);
    ck_assert_uint_eq(first.output_channels, 77);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(errors_are_structured)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program;
    struct jitrun_instance *instance;
    struct jitrun_diagnostic diagnostic = { .size = sizeof diagnostic };
    struct jitrun_place place = { .size = sizeof place };
    struct bytes text = { 0 };
    const char *script = "fn dsp(){\n  frequenzy + 1\n}\n";
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_MIMIUM, "song.mmm", script, strlen(script), &program),
                     JITRUN_ERR_DIAGNOSED);
    ck_assert_ptr_nonnull(program);
    const struct jitrun_diagnostics *list = jitrun_program_diagnostics(program);
    ck_assert_uint_eq(jitrun_diagnostics_count(list), 1);
    ck_assert_int_eq(jitrun_diagnostics_get(list, 0, &diagnostic), JITRUN_OK);
    ck_assert_int_eq(diagnostic.severity, JITRUN_ERROR);
    ck_assert_str_eq(diagnostic.file, "song.mmm");
    ck_assert_uint_eq(diagnostic.line, 2);
    ck_assert_uint_eq(diagnostic.column, 3);
    ck_assert_uint_eq(diagnostic.end_column, 12);
    ck_assert_uint_eq(diagnostic.start, 12);
    ck_assert_uint_eq(diagnostic.end, 21);
    ck_assert_int_eq(strncmp(diagnostic.code, "E-", 2), 0);
    ck_assert_str_eq(jitrun_engine_message(engine), diagnostic.message);
    ck_assert_int_eq(jitrun_diagnostics_get(list, 1, &diagnostic), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_diagnostics_get(NULL, 0, &diagnostic), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_diagnostic_place(list, 0, diagnostic.place_count, &place), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_diagnostic_frame(list, 0, 0, &place), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_diagnostics_render(list, JITRUN_JSON, append, &text), JITRUN_OK);
    ck_assert_ptr_nonnull(strstr(text.items, "\"song.mmm\""));
    free(text.items);
    ck_assert_int_eq(jitrun_instance_create(program, NULL, &instance), JITRUN_ERR_INVALID);
    ck_assert_ptr_null(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
}
END_TEST

/* Modules in memory. */
static enum jitrun_status load(void *user, const char *path, const char **text, size_t *length)
{
    ++*(int *)user;
    *text = "pub fn three(){ 3 }\n";
    *length = strlen(*text);
    return strstr(path, "mine.mmm") != NULL ? JITRUN_OK : JITRUN_ERR_NOT_FOUND;
}

static void *plain_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    return counted_realloc(NULL, ptr, old_size, new_size);
}

static int loaded_count;
static void loaded(void *user, const char *text, size_t length)
{
    (void)user;
    ck_assert_uint_eq(strlen(text), length);
    loaded_count++;
}

START_TEST(modules_come_from_the_host)
{
    struct jitrun_config config = counted_config();
    struct jitrun_engine *engine;
    struct jitrun_program *program;
    struct jitrun_instance *instance;
    const char *script = "use mine::three\nfn dsp(){ three() }\n", *other = "use osc::sinwave\nfn dsp(){ 0 }\n";
    int asked = 0;
    double value = 0.0;
    loaded_count = 0;
    config.user = &asked;
    config.realloc = plain_realloc;
    config.print = NULL;
    config.load = load;
    config.loaded = loaded;
    config.no_file_system = true;
    ck_assert_int_eq(jitrun_engine_create(&config, &engine), JITRUN_OK);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_MIMIUM, "a/b.mmm", script, strlen(script), &program), JITRUN_OK);
    ck_assert_int_gt(asked, 0);
    ck_assert_int_eq(loaded_count, 1);
    ck_assert_ptr_nonnull(strstr(jitrun_program_file(program, 1), "mine.mmm"));
    instance = start(program, JITRUN_JIT_OFF);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_OK);
    ck_assert_double_eq(value, 3.0);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_MIMIUM, "a/b.mmm", other, strlen(other), &program),
                     JITRUN_ERR_DIAGNOSED);
    jitrun_program_destroy(program);
    ck_assert_int_eq(jitrun_compile_file(engine, "/nowhere/song.mmm", &program), JITRUN_ERR_NOT_FOUND);
    ck_assert_ptr_null(program);
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(files_are_read_and_missing_ones_named)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program;
    char path[] = "/tmp/jitrun-api-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("fn dsp(x:float){ (x, x, 1) }\n", file);
    fclose(file);
    ck_assert_int_eq(jitrun_compile_file(engine, path, &program), JITRUN_OK);
    struct jitrun_shape shape = { .size = sizeof shape };
    ck_assert_int_eq(jitrun_program_get_shape(program, &shape), JITRUN_OK);
    ck_assert_uint_eq(shape.input_channels, 1);
    ck_assert_uint_eq(shape.output_channels, 3);
    ck_assert_uint_gt(jitrun_program_size(program), 1000);
    jitrun_program_destroy(program);
    unlink(path);
    ck_assert_int_eq(jitrun_compile_file(engine, path, &program), JITRUN_ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(jitrun_engine_message(engine), path));
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(images_and_stages_go_through_sinks)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, "fn up(){ self + 1 }\nfn dsp(){ up() }\n"), *again;
    struct jitrun_instance *instance;
    struct bytes image = { 0 }, text = { 0 };
    double values[3];
    for (enum jitrun_stage stage = JITRUN_STAGE_AST; stage <= JITRUN_STAGE_BYTECODE; stage++) {
        ck_assert_int_eq(jitrun_program_emit(program, stage, append, &text), JITRUN_OK);
    }
    ck_assert_ptr_nonnull(strstr(text.items, "up"));
    ck_assert_int_eq(jitrun_program_save(program, append, &image), JITRUN_OK);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_IMAGE, "up.jri", image.items, image.count, &again), JITRUN_OK);
    instance = start(again, JITRUN_JIT_OFF);
    ck_assert_int_eq(jitrun_process(instance, NULL, values, 3), JITRUN_OK);
    ck_assert_double_eq(values[2], 3.0);
    free(text.items);
    text = (struct bytes){ 0 };
    ck_assert_int_eq(jitrun_instance_emit(instance, JITRUN_STAGE_SPECIALISED, append, &text), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_emit(instance, JITRUN_STAGE_LLVM, append, &text), JITRUN_ERR_UNSUPPORTED);
    ck_assert_int_eq(jitrun_instance_emit(instance, JITRUN_STAGE_AST, append, &text), JITRUN_ERR_UNSUPPORTED);
    jitrun_instance_destroy(instance);
    image.items[image.count / 2] ^= 1;
    jitrun_program_destroy(again);
    ck_assert_int_eq(jitrun_compile_text(engine, JITRUN_IMAGE, "up.jri", image.items, image.count, &again),
                     JITRUN_ERR_DIAGNOSED);
    jitrun_program_destroy(again);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    free(image.items);
    free(text.items);
}
END_TEST

Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tc = tcase_create("engine");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_add_test(tc, names_of_statuses_are_stable);
    tcase_add_test(tc, wrong_use_is_a_status);
    tcase_add_test(tc, structures_of_other_versions_are_understood);
    tcase_add_test(tc, errors_are_structured);
    tcase_add_test(tc, modules_come_from_the_host);
    tcase_add_test(tc, files_are_read_and_missing_ones_named);
    tcase_add_test(tc, images_and_stages_go_through_sinks);
    suite_add_tcase(suite, tc);
    return suite;
}
