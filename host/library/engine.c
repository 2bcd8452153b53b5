/* engine.c -- engines: configuration, memory, files and functions of the host. */
#include <stdio.h>
#include <sys/stat.h>

#include "host/library/internal.h"
#include "ir/base/sb.h"
#include "jit/jit.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *jitrun_version(void)
{
    return VERSION_TEXT(JITRUN_VERSION_MAJOR, JITRUN_VERSION_MINOR, JITRUN_VERSION_PATCH);
}

/* ---- statuses ---- */

enum jitrun_status jr_library_status(enum jr_status status)
{
    switch (status) { /* no default: a new status is a compile error */
    case JR_OK:
        return JITRUN_OK;
    case JR_ERR_NO_MEMORY:
        return JITRUN_ERR_NO_MEMORY;
    case JR_ERR_INVALID:
        return JITRUN_ERR_INVALID;
    case JR_ERR_LIMIT:
        return JITRUN_ERR_LIMIT;
    case JR_ERR_UNSUPPORTED:
        return JITRUN_ERR_UNSUPPORTED;
    case JR_ERR_NOT_FOUND:
        return JITRUN_ERR_NOT_FOUND;
    case JR_ERR_IO:
        return JITRUN_ERR_IO;
    case JR_ERR_DIAGNOSED:
    case JR_ERR_VERIFY:
        return JITRUN_ERR_DIAGNOSED;
    case JR_ERR_TRAP:
    case JR_ERR_NO_MATCH:
    case JR_ERR_DIVIDE_BY_ZERO:
    case JR_ERR_NEGATIVE_EXPONENT:
    case JR_ERR_LOG_OF_NONPOSITIVE:
    case JR_ERR_EMPTY_ARRAY:
    case JR_ERR_NO_ELEMENT:
    case JR_ERR_BAD_TAG:
    case JR_ERR_NULL_CLOSURE:
    case JR_ERR_NULL_BOX:
    case JR_ERR_SCHEDULE_PAST:
        return JITRUN_ERR_SCRIPT;
    case JR_ERR_DEPTH:
        return JITRUN_ERR_DEPTH;
    case JR_ERR_FUEL:
        return JITRUN_ERR_FUEL;
    case JR_ERR_DEADLINE:
        return JITRUN_ERR_DEADLINE;
    case JR_ERR_MEMORY_LIMIT:
        return JITRUN_ERR_MEMORY_LIMIT;
    case JR_ERR_INTERRUPTED:
        return JITRUN_ERR_INTERRUPTED;
    case JR_ERR_HOST:
        return JITRUN_ERR_HOST;
    case JR_ERR_UNKNOWN_HOST:
    case JR_ERR_HOST_SIGNATURE:
        return JITRUN_ERR_HOST_MISSING;
    }
    return JITRUN_ERR_INVALID;
}

static const struct {
    enum jitrun_status status;
    const char *name, *text;
} statuses[] = {
    { JITRUN_OK, "ok", "no error" },
    { JITRUN_ERR_NO_MEMORY, "no-memory", "the allocator has no memory left" },
    { JITRUN_ERR_INVALID, "invalid", "the library is used in a wrong way, or the data is malformed" },
    { JITRUN_ERR_LIMIT, "limit", "a documented limit is exceeded" },
    { JITRUN_ERR_UNSUPPORTED, "unsupported", "this is not supported here" },
    { JITRUN_ERR_NOT_FOUND, "not-found", "no such thing" },
    { JITRUN_ERR_IO, "io", "reading or writing failed" },
    { JITRUN_ERR_DIAGNOSED, "diagnosed", "the script has errors; the diagnostics name them" },
    { JITRUN_ERR_SCRIPT, "script", "the script did something that has no result" },
    { JITRUN_ERR_DEPTH, "depth-exceeded", "calls nest too deep" },
    { JITRUN_ERR_FUEL, "fuel-exhausted", "the fuel given to the program is used up" },
    { JITRUN_ERR_DEADLINE, "time-limit", "the time given to the program is over" },
    { JITRUN_ERR_MEMORY_LIMIT, "memory-limit", "the memory given to the program is used up" },
    { JITRUN_ERR_INTERRUPTED, "interrupted", "the program was interrupted" },
    { JITRUN_ERR_HOST, "host-failure", "a host function failed" },
    { JITRUN_ERR_HOST_MISSING, "host-missing", "the program wants a host function that is not there, or of another type" },
};

const char *jitrun_status_name(enum jitrun_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].status == status)
            return statuses[i].name;
    return "unknown";
}

const char *jitrun_status_text(enum jitrun_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].status == status)
            return statuses[i].text;
    return "a status that this version does not know";
}

enum jitrun_status jr_engine_fail(struct jitrun_engine *engine, enum jr_status status, const char *text)
{
    if (status == JR_OK)
        engine->message[0] = '\0';
    else
        snprintf(engine->message, sizeof engine->message, "%s", text != NULL ? text : jr_status_text(status));
    return jr_library_status(status);
}

/* ---- small things ---- */

bool jr_library_give(void *out, const void *result, size_t size)
{
    size_t given;
    if (out == NULL)
        return false;
    memcpy(&given, out, sizeof given);
    if (given < sizeof given)
        return false;
    if (given > size) /* a newer caller: what we do not know of is zero */
        memset((char *)out + size, 0, given - size);
    memcpy((char *)out + sizeof given, (const char *)result + sizeof given,
           (given < size ? given : size) - sizeof given);
    return true;
}

enum jitrun_status jr_library_pour(const struct jr_sb *text, enum jr_status status, jitrun_sink *sink, void *user)
{
    if (status == JR_OK)
        status = jr_sb_status(text);
    if (status != JR_OK)
        return jr_library_status(status);
    return text->length > 0 ? sink(user, text->text, text->length) : JITRUN_OK;
}

enum jr_jit_mode jr_library_jit(enum jitrun_jit mode)
{
    return mode == JITRUN_JIT_OFF ? JR_JIT_OFF : mode == JITRUN_JIT_EAGER ? JR_JIT_EAGER : JR_JIT_AUTO;
}

static void *counted_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    struct jr_counted *counted = user;
    void *result = counted->under->realloc(counted->under->user, ptr, old_size, new_size);
    if (result != NULL || new_size == 0) {
        atomic_fetch_add_explicit(&counted->bytes, new_size, memory_order_relaxed);
        atomic_fetch_sub_explicit(&counted->bytes, old_size, memory_order_relaxed);
    }
    return result;
}

void jr_counted_init(struct jr_counted *counted, const struct jr_alloc *under)
{
    counted->under = under;
    counted->alloc = (struct jr_alloc){ counted_realloc, counted };
    atomic_init(&counted->bytes, 0);
}

/* ---- files ---- */

static enum jr_status from_status(enum jitrun_status status)
{
    switch (status) {
    case JITRUN_OK:
        return JR_OK;
    case JITRUN_ERR_NO_MEMORY:
        return JR_ERR_NO_MEMORY;
    case JITRUN_ERR_NOT_FOUND:
        return JR_ERR_NOT_FOUND;
    case JITRUN_ERR_LIMIT:
        return JR_ERR_LIMIT;
    default:
        return JR_ERR_IO;
    }
}

/* As jr_mimium_files.load. */
static enum jr_status load(void *context, struct jr_sources *sources, const char *path, uint32_t *out)
{
    const struct jitrun_config *config = &((struct jitrun_engine *)context)->config;
    const char *text = NULL;
    size_t length = 0;
    struct stat info;
    enum jr_status status = config->load != NULL ? from_status(config->load(config->user, path, &text, &length)) : JR_ERR_NOT_FOUND;
    *out = JR_FILE_NONE;
    if (status == JR_OK) {
        status = jr_sources_add(sources, path, text, length, out);
        if (config->loaded != NULL)
            config->loaded(config->user, text, length);
        return status;
    }
    if (status != JR_ERR_NOT_FOUND || config->no_file_system)
        return status;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) /* a pipe would wait for ever */
        return JR_ERR_IO;
    return jr_sources_load(sources, path, out);
}

/* ---- life ---- */

static void *libc_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    (void)user;
    return alloc->realloc(alloc->user, ptr, old_size, new_size);
}

enum jitrun_status jitrun_engine_create(const struct jitrun_config *given, struct jitrun_engine **out)
{
    struct jitrun_config config = { .size = sizeof config };
    struct jr_alloc alloc;
    struct jitrun_engine *engine;
    if (out == NULL)
        return JITRUN_ERR_INVALID;
    *out = NULL;
    if (given != NULL) {
        if (given->size < 2 * sizeof(size_t))
            return JITRUN_ERR_INVALID;
        memcpy(&config, given, given->size < sizeof config ? given->size : sizeof config);
    }
    if (config.jit > JITRUN_JIT_EAGER || config.folder_count > UINT32_MAX || config.probe_values > 1u << 30 ||
        !(config.limits.seconds >= 0.0))
        return JITRUN_ERR_INVALID;
    alloc.realloc = config.realloc != NULL ? config.realloc : libc_realloc;
    alloc.user = config.user;
    engine = jr_alloc_new(&alloc, sizeof *engine);
    if (engine == NULL)
        return JITRUN_ERR_NO_MEMORY;
    atomic_init(&engine->holds, 1);
    engine->alloc = alloc;
    if (config.probe_values > 0) {
        uint32_t length = 1;
        while (length < config.probe_values)
            length *= 2;
        config.probe_values = length;
    }
    engine->config = config;
    engine->files = (struct jr_mimium_files){ load, engine };
    *out = engine;
    return JITRUN_OK;
}

void jr_engine_hold(struct jitrun_engine *engine)
{
    atomic_fetch_add_explicit(&engine->holds, 1, memory_order_relaxed);
}

static void free_text(const struct jr_alloc *alloc, const char *text)
{
    if (text != NULL)
        jr_alloc_free(alloc, (void *)(uintptr_t)text, strlen(text) + 1);
}

static void destroy_function(const struct jr_alloc *alloc, struct jr_library_function *function)
{
    free_text(alloc, function->type.name);
    free_text(alloc, function->type.params);
    free_text(alloc, function->type.results);
    jr_alloc_free(alloc, function, sizeof *function);
}

void jr_engine_release(struct jitrun_engine *engine)
{
    struct jr_alloc alloc;
    if (engine == NULL || atomic_fetch_sub_explicit(&engine->holds, 1, memory_order_acq_rel) > 1)
        return;
    alloc = engine->alloc;
    for (size_t i = 0; i < engine->functions.count; i++)
        destroy_function(&alloc, engine->functions.items[i]);
    JR_VEC_FREE(&alloc, &engine->functions);
    jr_alloc_free(&alloc, engine, sizeof *engine);
}

void jitrun_engine_destroy(struct jitrun_engine *engine)
{
    jr_engine_release(engine);
}

const char *jitrun_engine_message(const struct jitrun_engine *engine)
{
    return engine != NULL ? engine->message : "";
}

bool jitrun_engine_has_compiler(const struct jitrun_engine *engine)
{
    return engine != NULL && jr_jit_is_there(engine->config.compiler_path);
}

/* ---- functions of the host ---- */

static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return length > 0 && name[length] == '\0' && !(name[0] >= '0' && name[0] <= '9');
}

/* The letters of the interface as those of the runtime; false if one is none. */
static bool translate(const char *letters, char words[JITRUN_HOST_WORDS_MAX + 1])
{
    size_t count = strlen(letters);
    if (count > JITRUN_HOST_WORDS_MAX)
        return false;
    for (size_t i = 0; i <= count; i++) {
        switch (letters[i]) {
        case 'n':
            words[i] = 'w';
            break;
        case 's':
            words[i] = 's';
            break;
        case 'f':
        case 't':
            words[i] = 'c';
            break;
        case '\0':
            words[i] = '\0';
            break;
        default:
            return false;
        }
    }
    return true;
}

static const char *copy_text(const struct jr_alloc *alloc, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = jr_alloc_new(alloc, size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

enum jitrun_status jitrun_engine_add_function(struct jitrun_engine *engine, const struct jitrun_host_function *function)
{
    struct jr_library_function *own, draft = { 0 };
    if (engine == NULL)
        return JITRUN_ERR_INVALID;
    if (function == NULL || function->name == NULL || function->call == NULL || function->params == NULL ||
        function->results == NULL || !is_name(function->name))
        return jr_engine_fail(engine, JR_ERR_INVALID, "a host function needs a name, parameters, results and code");
    if (!translate(function->params, draft.words[0]) || !translate(function->results, draft.words[1]))
        return jr_engine_fail(engine, JR_ERR_INVALID, "parameters and results are at most 16 letters: n, s, f, t");
    for (size_t i = 0; i < engine->functions.count; i++)
        if (strcmp(engine->functions.items[i]->type.name, function->name) == 0)
            return jr_engine_fail(engine, JR_ERR_INVALID, "there is a host function of this name");
    draft.call = function->call;
    draft.user = function->user;
    own = jr_alloc_new(&engine->alloc, sizeof *own);
    if (own == NULL)
        return jr_engine_fail(engine, JR_ERR_NO_MEMORY, NULL);
    *own = draft;
    own->type.name = copy_text(&engine->alloc, function->name);
    own->type.params = copy_text(&engine->alloc, function->params);
    own->type.results = copy_text(&engine->alloc, function->results);
    if (own->type.name != NULL && own->type.params != NULL && own->type.results != NULL &&
        JR_VEC_PUSH(&engine->alloc, &engine->functions, own) == JR_OK)
        return jr_engine_fail(engine, JR_OK, NULL);
    destroy_function(&engine->alloc, own);
    return jr_engine_fail(engine, JR_ERR_NO_MEMORY, NULL);
}
