/* target_compile.c -- the whole front end of mimium: what it accepts must verify, run, and leave nothing behind.
 *
 * An input may hold several files: a line "//// NAME" begins another one, which `mod`, `use` and `include` find under that name.  No
 * file of the machine is read. */
#include <stdio.h>
#include <string.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "host/session_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/module.h"
#include "tests/fuzz/fuzz.h"

static const char file_mark[] = "//// ";

struct input {
    const char *text, *end;
};

/* Where the next file begins at its mark, or the end. */
static const char *next_file(const char *text, const char *end)
{
    for (const char *at = text; at < end; at++) {
        if ((size_t)(end - at) >= sizeof file_mark - 1 && memcmp(at, file_mark, sizeof file_mark - 1) == 0 &&
            (at == text || at[-1] == '\n'))
            return at;
    }
    return end;
}

/* Whether the path ends in the name, as a whole part of it. */
static bool names(const char *path, const char *name, size_t length)
{
    size_t path_length = strlen(path);
    return length > 0 && path_length >= length && memcmp(path + path_length - length, name, length) == 0 &&
           (path_length == length || path[path_length - length - 1] == '/');
}

static enum jr_status load(void *context, struct jr_sources *sources, const char *path, uint32_t *out)
{
    const struct input *input = context;
    const char *at = next_file(input->text, input->end);
    *out = JR_FILE_NONE;
    while (at < input->end) {
        const char *name = at + sizeof file_mark - 1, *line = memchr(name, '\n', (size_t)(input->end - name));
        const char *body = line ? line + 1 : input->end, *next = next_file(body, input->end);
        if (names(path, name, (size_t)((line ? line : input->end) - name)))
            return jr_sources_add(sources, path, body, (size_t)(next - body), out);
        at = next;
    }
    return JR_ERR_NOT_FOUND;
}

static void drop_line(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static void drop_print(void *user, const char *text, size_t length)
{
    (void)user;
    (void)text;
    (void)length;
}

static void check_diagnostics(const struct jr_diags *diags)
{
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        if (jr_diags_at(diags, i)->category == JR_CATEGORY_BYTECODE)
            fuzz_broken("%s", jr_diags_at(diags, i)->message);
    }
}

static void compile(struct jr_session *session, struct jr_sources *sources, uint32_t file,
                    struct jr_diags *diags, const struct input *input)
{
    struct jr_mimium_files files = { load, (void *)input };
    unsigned salt = (unsigned)(input->end - input->text);
    struct jr_mimium_options options = {
        .self_init_0 = salt % 8 == 1,
        .files = &files,
        .stage_host = jr_session_stage_host(session),
    };
    options.stage_host.sample = NULL; /* no file but the input's */
    struct jr_module *module = NULL;
    enum jr_status status = jr_mimium_compile(sources, file, &options, jr_alloc_default(), diags, &module);
    if (status == JR_OK) {
        fuzz_must_verify(module, "the front end");
        fuzz_run_module(module, salt / 8);
    } else if (status == JR_ERR_DIAGNOSED && jr_diags_error_count(diags) == 0) {
        fuzz_broken("a program is wrong, but nothing is said about it");
    }
    check_diagnostics(diags);
    jr_module_destroy(module);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    struct jr_session_config config = { .macro_fuel = 5000,
                                        .max_depth = 200,
                                        .print = drop_print,
                                        .line = drop_line,
                                        .stress_heap = size % 16 == 2 };
    const struct input input = { (const char *)data, (const char *)data + size };
    struct jr_session *session = NULL; /* only for its machine of the macro stage */
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    struct jr_sb text;
    uint32_t file;
    if (size == 0)
        return 0;
    jr_sb_init(&text, alloc);
    if (jr_session_create(&config, &session) == JR_OK && jr_sources_create(alloc, &sources) == JR_OK &&
        jr_diags_create(alloc, &diags) == JR_OK &&
        jr_sources_add(sources, "input.mmm", input.text,
                       (size_t)(next_file(input.text, input.end) - input.text), &file) == JR_OK) {
        compile(session, sources, file, diags, &input);
        jr_diags_render_text(diags, sources, false, &text);
        jr_diags_render_json(diags, sources, &text);
    }
    jr_sb_fini(&text);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    jr_session_destroy(session);
    return 0;
}
