/* state.c -- beginning again, and states as bytes.
 *
 *   words of the VM (runtime/snapshot.h) | number of controls | their values in the order of the program
 *
 * Both make a version beside the one that is there and change over when it is complete, so a failure leaves everything as it was. */
#include "host/library/internal.h"
#include "ir/base/hash.h"
#include "ir/base/sb.h"
#include "ir/image.h"
#include "runtime/snapshot.h"

/* What tells states of this program from others: a hash of all its code. */
static enum jr_status key_of(struct jitrun_instance *instance, const struct jr_module *module, uint64_t *key)
{
    struct jr_sb image;
    enum jr_status status;
    jr_sb_init(&image, &instance->counted.alloc);
    status = jr_image_save(module, NULL, 0, &image);
    if (status == JR_OK)
        status = jr_sb_status(&image);
    *key = status == JR_OK ? jr_hash_bytes(0, image.text, image.length) : 0;
    jr_sb_fini(&image);
    return status;
}

static enum jr_status save(struct jitrun_instance *instance, struct jr_snapshot *out)
{
    const struct jr_version *version = jr_version_of(instance);
    struct jr_controls *controls = &version->session->controls;
    const struct jr_alloc *alloc = &instance->counted.alloc;
    uint64_t key;
    enum jr_status status;
    JR_TRY(key_of(instance, version->session->module, &key));
    JR_TRY(jr_vm_save(version->session->vm, key, out));
    JR_TRY(JR_VEC_PUSH(alloc, out, controls->count));
    for (size_t i = 0; i < controls->count; i++)
        JR_TRY(JR_VEC_PUSH(alloc, out, jitrun_word(atomic_load(&controls->items[i].value))));
done:
    return status;
}

enum jitrun_status jitrun_instance_save(struct jitrun_instance *instance, jitrun_sink *sink, void *user)
{
    struct jr_snapshot words = { 0 };
    enum jitrun_status result;
    if (instance == NULL || instance->running)
        return JITRUN_ERR_INVALID;
    if (sink == NULL || !jr_version_of(instance)->started)
        return jr_instance_fail(instance, JR_ERR_INVALID, "it was not started, or there is no sink");
    result = jr_instance_fail(instance, save(instance, &words), NULL);
    if (result == JITRUN_OK)
        result = sink(user, (const char *)words.items, words.count * sizeof words.items[0]);
    JR_VEC_FREE(&instance->counted.alloc, &words);
    return result;
}

/* Fills a fresh version from words, which are changed. */
static enum jr_status load(struct jitrun_instance *instance, struct jr_version *version, uint64_t *words, size_t count)
{
    struct jr_controls *controls = &version->session->controls;
    uint64_t key;
    enum jr_status status;
    if (count < 1 + controls->count || words[count - 1 - controls->count] != controls->count)
        return JR_ERR_INVALID;
    JR_TRY(key_of(instance, version->session->module, &key));
    JR_TRY(jr_vm_load(version->session->vm, key, words, count - 1 - controls->count));
    for (size_t i = 0; i < controls->count; i++)
        atomic_store(&controls->items[i].value, jitrun_number(words[count - controls->count + i]));
    JR_TRY(jr_session_specialise(version->session));
    JR_TRY(jr_session_find_spots(version->session));
    version->started = true;
done:
    return status;
}

static void change_over(struct jitrun_instance *instance, struct jr_version *version)
{
    struct jr_version *before = jr_version_exchange(instance, version);
    jr_version_wait(instance);
    instance->diagnostics = (struct jitrun_diagnostics){ version->session->run_diags, version->session->sources,
                                                         &instance->counted.alloc };
    jr_version_destroy(instance, before);
}

enum jitrun_status jitrun_instance_load(struct jitrun_instance *instance, const void *bytes, size_t length)
{
    char message[JR_LIBRARY_MESSAGE_BYTES] = "";
    struct jr_version *version = NULL;
    const struct jr_alloc *alloc;
    uint64_t *words = NULL;
    size_t count = length / sizeof words[0];
    enum jr_status status = JR_ERR_INVALID;
    if (instance == NULL || instance->running)
        return JITRUN_ERR_INVALID;
    if (bytes == NULL || count == 0 || length % sizeof words[0] != 0)
        return jr_instance_fail(instance, JR_ERR_INVALID, "these bytes are no saved state");
    alloc = &instance->counted.alloc;
    words = alloc->realloc(alloc->user, NULL, 0, length);
    if (words == NULL)
        return jr_instance_fail(instance, JR_ERR_NO_MEMORY, NULL);
    memcpy(words, bytes, length);
    status = jr_version_create(instance, jr_version_of(instance)->program, &version, message);
    if (status == JR_OK)
        status = load(instance, version, words, count);
    jr_alloc_free(alloc, words, length);
    if (status == JR_OK)
        change_over(instance, version);
    else
        jr_version_destroy(instance, version);
    if (status == JR_ERR_INVALID)
        return jr_instance_fail(instance, status, "these bytes are no saved state of this program, or are damaged");
    return jr_instance_fail(instance, status, message[0] != '\0' ? message : NULL);
}

enum jitrun_status jitrun_instance_reset(struct jitrun_instance *instance)
{
    char message[JR_LIBRARY_MESSAGE_BYTES];
    struct jr_version *version;
    enum jr_status status;
    if (instance == NULL || instance->running)
        return JITRUN_ERR_INVALID;
    status = jr_version_create(instance, jr_version_of(instance)->program, &version, message);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, message[0] != '\0' ? message : NULL);
    jr_controls_carry(&version->session->controls, &jr_version_of(instance)->session->controls);
    change_over(instance, version);
    return jitrun_instance_start(instance);
}

enum jitrun_status jitrun_instance_clone(struct jitrun_instance *instance, struct jitrun_instance **out)
{
    struct jr_snapshot words = { 0 };
    struct jitrun_instance *clone = NULL;
    enum jitrun_status result;
    if (out != NULL)
        *out = NULL;
    if (instance == NULL || instance->running)
        return JITRUN_ERR_INVALID;
    if (out == NULL || !jr_version_of(instance)->started)
        return jr_instance_fail(instance, JR_ERR_INVALID, "it was not started, or there is no place for the clone");
    result = jr_instance_fail(instance, save(instance, &words), NULL);
    if (result == JITRUN_OK)
        result = jitrun_instance_create(jr_version_of(instance)->program, &instance->config, &clone);
    if (result == JITRUN_OK) {
        result = jitrun_instance_load(clone, words.items, words.count * sizeof words.items[0]);
        if (result != JITRUN_OK)
            memcpy(instance->message, clone->message, sizeof instance->message);
    } else if (instance->message[0] == '\0') {
        memcpy(instance->message, jr_version_of(instance)->program->engine->message, sizeof instance->message);
    }
    JR_VEC_FREE(&instance->counted.alloc, &words);
    if (result != JITRUN_OK)
        jitrun_instance_destroy(clone);
    else
        *out = clone;
    return result;
}
