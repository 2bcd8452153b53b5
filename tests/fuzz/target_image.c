/* target_image.c -- saved modules: bytes that load are verified, and can be saved and run. */
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/image.h"
#include "ir/image_internal.h"
#include "ir/module.h"
#include "tests/fuzz/fuzz.h"

enum { HEADER = sizeof(struct jr_image_header) };

static void load(const uint8_t *data, size_t size)
{
    struct jr_module *module;
    struct jr_image_keys keys;
    struct jr_sb again;
    char message[256];
    enum jr_status status =
        jr_image_load(jr_alloc_default(), data, size, &module, &keys, message, sizeof message);
    if (status != JR_OK)
        return;
    if (!module->verified)
        fuzz_broken("a module is loaded, but not verified");
    jr_sb_init(&again, jr_alloc_default());
    if (jr_image_save(module, keys.items, keys.count, &again) == JR_OK && again.length != size)
        fuzz_broken("an image of %zu bytes is saved as %zu", size, again.length);
    jr_sb_fini(&again);
    fuzz_run_module(module, (unsigned)size);
    jr_module_destroy(module);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *sealed;
    load(data, size);
    sealed = malloc(size ? size : 1);
    if (sealed) {
        memcpy(sealed, data, size);
        fuzz_seal_image(sealed, size);
        if (memcmp(sealed, data, size) != 0)
            load(sealed, size);
    }
    free(sealed);
    return 0;
}

static uint32_t next(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* Numbers of the tables are aligned to nothing but stand four bytes apart: one is nudged, set to something small, or copied from elsewhere;
 * or some words are taken out or doubled. */
static size_t change_words(uint8_t *body, size_t size, size_t max_size, uint32_t *random)
{
    size_t at = size > 4 ? next(random) % (size - 4) : 0, from = size > 4 ? next(random) % (size - 4) : 0;
    size_t run = 4u * (1 + next(random) % 4);
    uint32_t word;
    if (size < 8)
        return LLVMFuzzerMutate(body, size, max_size);
    memcpy(&word, body + at, 4);
    switch (next(random) % 6) {
    case 0:
        word += next(random) % 2 ? 1u : (uint32_t)-1;
        break;
    case 1:
        word = next(random) % 20;
        break;
    case 2:
        memcpy(&word, body + from, 4);
        break;
    case 3:
        word ^= 1u << next(random) % 32;
        break;
    case 4:
        if (at + run >= size)
            return size;
        memmove(body + at, body + at + run, size - at - run);
        return size - run;
    default:
        if (at + run > size || size + run > max_size)
            return size;
        memmove(body + at + run, body + at, size - at);
        return size + run;
    }
    memcpy(body + at, &word, 4);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint32_t random = seed;
    if (size <= HEADER || next(&random) % 16 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (uint32_t i = 1 + next(&random) % 3; i > 0; i--) {
        if (next(&random) % 4 == 0) {
            size = HEADER + LLVMFuzzerMutate(data + HEADER, size - HEADER, max_size - HEADER);
        } else {
            size = HEADER + change_words(data + HEADER, size - HEADER, max_size - HEADER, &random);
        }
        if (size <= HEADER)
            break;
    }
    fuzz_seal_image(data, size);
    return size;
}
