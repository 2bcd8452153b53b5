/* cache_key.c -- all that an object depends on, as 128 bits:
 *
 *   the compiler   the build identity of its shared object, which holds LLVM (or the version of it), the bodies of the instructions and the lowering
 *   the processor  what it says of itself, since code is made for it
 *   options        the compiler's configuration
 *   the batch      tier, functions, loops
 *   the program    its tables and bytecode (ir/image.h); of a block also where its state lies and the lengths of arrays that it knows.  The compiler
 *                  does not look into objects further than that */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "ir/base/hash.h"
#include "ir/base/sb.h"
#include "ir/image.h"
#include "jit/cache.h"
#include "jit/internal.h"
#include "runtime/object.h"
#include "runtime/residual.h"

enum { PATH_BYTES = 4096, OBJECT_BYTES = 256 /* of most objects, and what lies beside one is no better */ };

static void add(struct jr_cache_key *key, const void *bytes, size_t size)
{
    for (int i = 0; i < 2; i++)
        key->words[i] = jr_hash_bytes(key->words[i], bytes, size);
}

static void add_word(struct jr_cache_key *key, uint64_t word)
{
    for (int i = 0; i < 2; i++)
        key->words[i] = jr_hash_word(key->words[i], word);
}

/* ---- the compiler ---- */

/* The notes of an ELF file, in which the linker has left a digest of all of it. */
static bool add_build_id(struct jr_cache_key *key, const uint8_t *bytes, size_t size)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)bytes;
    bool found = false;
    if (size < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 ||
        head->e_phoff > size || (size - head->e_phoff) / sizeof(Elf64_Phdr) < head->e_phnum)
        return false;
    for (uint32_t i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr part;
        memcpy(&part, bytes + head->e_phoff + i * sizeof part, sizeof part);
        if (part.p_type != PT_NOTE || part.p_offset > size || part.p_filesz > size - part.p_offset)
            continue;
        add(key, bytes + part.p_offset, part.p_filesz);
        found = true;
    }
    return found;
}

static bool add_compiler(struct jr_jit *jit, struct jr_cache_key *key)
{
    char path[PATH_BYTES];
    struct stat status;
    bool found = false;
    if (!jr_jit_object_path(jit->config.object_path, path, sizeof path))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    if (fstat(file, &status) == 0 && status.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) {
            add_word(key, (uint64_t)status.st_size);
            found = add_build_id(key, bytes, (size_t)status.st_size);
            munmap(bytes, (size_t)status.st_size);
        }
    }
    close(file);
    return found;
}

/* ---- the processor ---- */

static void add_processor(struct jr_cache_key *key)
{
#if defined(__x86_64__)
    static const unsigned leaves[][2] = { { 0, 0 }, { 1, 0 }, { 7, 0 }, { 7, 1 }, { 0xd, 1 }, { 0x14, 0 },
                                          { 0x19, 0 }, { 0x80000001u, 0 }, { 0x80000008u, 0 } };
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        unsigned words[4] = { 0 };
        __get_cpuid_count(leaves[i][0], leaves[i][1], &words[0], &words[1], &words[2], &words[3]);
        if (leaves[i][0] == 1)
            words[1] = 0; /* says on which of its cores this runs */
        add(key, words, sizeof words);
    }
#endif
}

/* ---- the program ---- */

static bool add_module(const struct jr_alloc *alloc, struct jr_cache_key *key, const struct jr_module *module)
{
    struct jr_sb image;
    jr_sb_init(&image, alloc);
    bool saved = jr_image_save(module, NULL, 0, &image) == JR_OK && jr_sb_status(&image) == JR_OK;
    if (saved)
        add(key, jr_sb_view(&image), image.length);
    jr_sb_fini(&image);
    return saved;
}

static void add_residual(struct jr_cache_key *key, const struct jr_residual *residual)
{
    uint32_t count = residual->module->functions[residual->function].capture_words;
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_object *object = (const struct jr_object *)(uintptr_t)residual->known[i];
        uint32_t same = 0;
        if (object == NULL) {
            add_word(key, UINT64_MAX);
            continue;
        }
        while (residual->known[same] != residual->known[i]) /* which of them are one object matters too */
            same++;
        add_word(key, same);
        add_word(key, object->kind);
        if (object->kind != JR_OBJECT_ARRAY)
            continue;
        const struct jr_array *array = (const struct jr_array *)(const void *)object;
        add_word(key, array->length);
        add_word(key, array->elem_words);
    }
    for (uint32_t i = 0; i < residual->region_count; i++) {
        add_word(key, residual->regions[i].offset);
        add_word(key, residual->regions[i].words);
    }
    add_word(key, residual->fuel_at_most);
    add_word(key, residual->schedules);
    add_word(key, residual->function);
}

const char *jr_cache_key(struct jr_jit *jit, const struct jr_batch *batch, struct jr_cache_key *key)
{
    struct jr_compiler_config config = jr_jit_compiler_config(jit);
    *key = (struct jr_cache_key){ { 1, 2 } };
    if (!add_compiler(jit, key))
        return "the compiler has no build identity";
    add_processor(key);
    add(key, &config, sizeof config);
    add_word(key, JR_PROVIDER_VERSION);
    add_word(key, batch->tier);
    for (uint32_t i = 0; i < batch->item_count; i++) {
        const struct jr_compile_item *item = &batch->items[i];
        add_word(key, item->function);
        add_word(key, item->loop_pc);
        add_word(key, (item->block != NULL ? 1u : 0u) + (item->plan != NULL ? 2u : 0u));
        if (item->block != NULL)
            add_residual(key, item->block);
    }
    return add_module(jit->alloc, key, batch->module) ? NULL : "out of memory";
}

/* Nothing should write an address of this process into code; this makes sure, as the mistake would show in another run only. */
static bool holds_address(const struct jr_batch *batch, const struct jr_residual *residual)
{
    uint32_t count = residual->module->functions[residual->function].capture_words;
    const uint8_t *bytes = batch->object;
    for (uint32_t k = 0; k < count; k++) {
        const struct jr_object *object = (const struct jr_object *)(uintptr_t)residual->known[k];
        uint64_t first = residual->known[k], size = OBJECT_BYTES;
        if (object == NULL)
            continue;
        if (object->kind == JR_OBJECT_ARRAY)
            size += ((const struct jr_array *)(const void *)object)->length * ((const struct jr_array *)(const void *)object)->elem_words * 8;
        for (uint64_t at = 0; at + 8 <= batch->object_bytes; at++) {
            uint64_t word;
            memcpy(&word, bytes + at, sizeof word);
            if (word - first < size)
                return true;
        }
    }
    return false;
}

const char *jr_cache_objection(const struct jr_batch *batch)
{
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (batch->items[i].symbol[0] == '\0')
            return "a function of it is refused";
        if (batch->items[i].block != NULL && holds_address(batch, batch->items[i].block))
            return "it holds an address of an object";
    }
    return NULL;
}
