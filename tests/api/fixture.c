#include "tests/api/fixture.h"

#include <stdlib.h>
#include <string.h>

struct heap heap;
char printed[4096];

void *counted_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    if (new_size > 0 && atomic_fetch_add(&heap.calls, 1) + 1 == atomic_load(&heap.fail_at))
        return NULL;
    atomic_fetch_add(&heap.live, new_size);
    atomic_fetch_sub(&heap.live, old_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static void print(void *user, const char *text, size_t length)
{
    size_t have = strlen(printed);
    (void)user;
    if (have + length < sizeof printed) {
        memcpy(printed + have, text, length);
        printed[have + length] = '\0';
    }
}

struct jitrun_config counted_config(void)
{
    struct jitrun_config config = { .size = sizeof config };
    config.realloc = counted_realloc;
    config.print = print;
    config.jit = JITRUN_JIT_OFF;
    config.probe_values = 8;
    return config;
}

void begin_test(void)
{
    memset(&heap, 0, sizeof heap);
    printed[0] = '\0';
}

void end_test(void)
{
    ck_assert_uint_eq(heap.live, 0);
}

struct jitrun_engine *new_engine(void)
{
    struct jitrun_config config = counted_config();
    struct jitrun_engine *engine;
    ck_assert_int_eq(jitrun_engine_create(&config, &engine), JITRUN_OK);
    return engine;
}

struct jitrun_program *compile(struct jitrun_engine *engine, const char *text)
{
    struct jitrun_program *program;
    enum jitrun_status status = jitrun_compile_text(engine, JITRUN_MIMIUM, "t.mmm", text, strlen(text), &program);
    ck_assert_msg(status == JITRUN_OK, "%s", jitrun_engine_message(engine));
    ck_assert_str_eq(jitrun_engine_message(engine), "");
    return program;
}

struct jitrun_instance *start(struct jitrun_program *program, enum jitrun_jit jit)
{
    struct jitrun_instance_config config = { .size = sizeof config, .has_jit = true, .jit = jit };
    struct jitrun_instance *instance;
    ck_assert_int_eq(jitrun_instance_create(program, &config, &instance), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_start(instance), JITRUN_OK);
    return instance;
}

struct jitrun_instance *run(const char *text, enum jitrun_jit jit)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, text);
    struct jitrun_instance *instance = start(program, jit);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return instance;
}

enum jitrun_status append(void *user, const char *text, size_t length)
{
    struct bytes *bytes = user;
    char *items = realloc(bytes->items, bytes->count + length + 1);
    if (items == NULL)
        return JITRUN_ERR_NO_MEMORY;
    memcpy(items + bytes->count, text, length);
    bytes->items = items;
    bytes->count += length;
    items[bytes->count] = '\0';
    return JITRUN_OK;
}
