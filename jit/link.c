/* link.c -- see link.h.  ELF of x86-64 as LLVM writes it for the small model, position independent. */
#include "jit/link.h"

#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ir/base/alloc.h"
#include "jit/provider.h"

/* The compiler's own unwinder; no header declares them. */
extern void __register_frame(void *tables);
extern void __deregister_frame(void *tables);

#ifndef SHT_X86_64_UNWIND
#define SHT_X86_64_UNWIND 0x70000001
#endif

struct jr_machine_code {
    uint8_t *base;
    size_t bytes, code_bytes; /* both whole pages */
    uint8_t *text;
    uint8_t *unwind; /* its tables for unwinding, registered; NULL: it has none */
    uint32_t section_count;
    uint8_t *sections[]; /* where each section is; NULL: not in memory */
};

enum { STUB_BYTES = 6 /* jmp *offset(%rip) */, SLOT_BYTES = 8, UNWIND_END_BYTES = 4 /* of zero */, NAME_BYTES = 64 };

/* An object while it is being linked.  The pointers lead into its bytes. */
struct object {
    const struct jr_link_input *input;
    const uint8_t *bytes;
    size_t size;
    const Elf64_Shdr *sections;
    uint32_t section_count;
    const Elf64_Sym *symbols;
    uint32_t symbol_count;
    const char *names; /* of the symbols; ends with a zero byte */
    size_t names_size;
    struct jr_machine_code *code;
    uint64_t *addresses;  /* per symbol: what it stands for */
    uint32_t *slots;      /* per symbol: 1 + its number in the table of addresses, 0: none */
    uint32_t slot_count;
    uint8_t *stubs, *table;
    char *message;
    size_t message_size;
};

static bool failed(struct object *object, const char *what, const char *which)
{
    snprintf(object->message, object->message_size, "the code cannot be linked: %s%s", what, which);
    return false;
}

/* ---- the program's symbols ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct jr_compiler_symbol *)a)->name, ((const struct jr_compiler_symbol *)b)->name);
}

bool jr_link_table_init(struct jr_link_table *table, const struct jr_alloc *alloc, const struct jr_compiler_symbol *symbols,
                        size_t count)
{
    *table = (struct jr_link_table){ 0 };
    table->sorted = jr_alloc_array(alloc, count, sizeof symbols[0]);
    if (table->sorted == NULL)
        return false;
    table->count = count;
    memcpy(table->sorted, symbols, count * sizeof symbols[0]);
    qsort(table->sorted, count, sizeof symbols[0], by_name);
    return true;
}

void jr_link_table_fini(struct jr_link_table *table, const struct jr_alloc *alloc)
{
    jr_alloc_free(alloc, table->sorted, table->count * sizeof table->sorted[0]);
    *table = (struct jr_link_table){ 0 };
}

/* What an undefined symbol stands for; 0: nobody knows. */
static uint64_t outside_address(const struct jr_link_input *input, const char *name)
{
    const size_t prefix = sizeof JR_LINK_KNOWN - 1;
    if (strncmp(name, JR_LINK_KNOWN, prefix) == 0) {
        unsigned long word = strtoul(name + prefix, NULL, 10);
        return word < input->known_count ? input->known[word] : 0;
    }
    struct jr_compiler_symbol wanted = { .name = name };
    const struct jr_compiler_symbol *found = NULL;
    if (input->table->count > 0)
        found = bsearch(&wanted, input->table->sorted, input->table->count, sizeof wanted, by_name);
    return (uint64_t)(uintptr_t)(found != NULL ? found->address : dlsym(RTLD_DEFAULT, name));
}

/* ---- reading ---- */

static bool within(const struct object *object, uint64_t offset, uint64_t size)
{
    return offset <= object->size && size <= object->size - offset;
}

static bool read_headers(struct object *object)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)object->bytes;
    if (object->size < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 ||
        head->e_type != ET_REL || head->e_machine != EM_X86_64 || head->e_shentsize != sizeof(Elf64_Shdr) ||
        (head->e_shoff & 7) != 0 || !within(object, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr)))
        return failed(object, "it is no object of this processor", "");
    object->sections = (const Elf64_Shdr *)(const void *)(object->bytes + head->e_shoff);
    object->section_count = head->e_shnum;
    for (uint32_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        if (section->sh_type != SHT_NOBITS && !within(object, section->sh_offset, section->sh_size))
            return failed(object, "a section lies outside", "");
        if (section->sh_addralign > 4096 || (section->sh_addralign & (section->sh_addralign - 1)) != 0)
            return failed(object, "a section has a strange alignment", "");
        if (section->sh_type != SHT_SYMTAB)
            continue;
        if (section->sh_link >= object->section_count || (section->sh_offset & 7) != 0)
            return failed(object, "the symbols are damaged", "");
        const Elf64_Shdr *names = &object->sections[section->sh_link];
        object->symbols = (const Elf64_Sym *)(const void *)(object->bytes + section->sh_offset);
        object->symbol_count = (uint32_t)(section->sh_size / sizeof(Elf64_Sym));
        if (!within(object, names->sh_offset, names->sh_size) || names->sh_size == 0 ||
            object->bytes[names->sh_offset + names->sh_size - 1] != '\0')
            return failed(object, "the symbols have no names", "");
        object->names = (const char *)object->bytes + names->sh_offset;
        object->names_size = names->sh_size;
    }
    return object->symbols != NULL || failed(object, "it has no symbols", "");
}

static const char *symbol_name(const struct object *object, uint32_t symbol)
{
    uint32_t at = object->symbols[symbol].st_name;
    return at < object->names_size ? object->names + at : "";
}

/* Tables for unwinding, which only a compiler that is told to describe code puts in (JR_DEBUG_CODE). */
static bool is_unwind(const Elf64_Shdr *section)
{
    return section->sh_type == SHT_X86_64_UNWIND;
}

/* Sections that are part of the image: code, constants, tables for unwinding. */
static bool is_placed(const Elf64_Shdr *section)
{
    return (section->sh_flags & SHF_ALLOC) != 0 && (section->sh_type == SHT_PROGBITS || is_unwind(section)) &&
           section->sh_size > 0;
}

static bool is_code(const Elf64_Shdr *section)
{
    return (section->sh_flags & SHF_EXECINSTR) != 0;
}

/* ---- layout ---- */

/* Places all sections of a kind from `at` on; returns the end.  Without an image yet it only counts. */
static size_t place_sections(struct object *object, bool code, size_t at)
{
    for (uint32_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        size_t alignment = section->sh_addralign > 1 ? section->sh_addralign : 1;
        if (!is_placed(section) || is_code(section) != code)
            continue;
        at = (at + alignment - 1) & ~(alignment - 1);
        if (object->code != NULL) {
            object->code->sections[i] = object->code->base + at;
            if (code && object->code->text == NULL)
                object->code->text = object->code->base + at;
            if (is_unwind(section))
                object->code->unwind = object->code->base + at;
        }
        at += section->sh_size;
        if (is_unwind(section))
            at += UNWIND_END_BYTES;
    }
    return at;
}

/* Relocations of placed sections, one after the other. */
static bool each_relocation(struct object *object, bool (*visit)(struct object *, const Elf64_Shdr *, uint32_t, const Elf64_Rela *))
{
    for (uint32_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        if (section->sh_type != SHT_RELA)
            continue;
        uint32_t target = section->sh_info;
        if (target >= object->section_count || (section->sh_offset & 7) != 0)
            return failed(object, "the relocations are damaged", "");
        if (!is_placed(&object->sections[target]))
            continue;
        const Elf64_Rela *all = (const Elf64_Rela *)(const void *)(object->bytes + section->sh_offset);
        for (size_t k = 0; k < section->sh_size / sizeof all[0]; k++)
            if (!visit(object, &object->sections[target], target, &all[k]))
                return false;
    }
    return true;
}

static bool wants_slot(uint32_t type, const Elf64_Sym *symbol)
{
    switch (type) {
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
        return true;
    case R_X86_64_PLT32:
        return symbol->st_shndx == SHN_UNDEF; /* a call far away: through a stub */
    default:
        return false;
    }
}

static bool count_slot(struct object *object, const Elf64_Shdr *section, uint32_t index, const Elf64_Rela *relocation)
{
    uint64_t symbol = ELF64_R_SYM(relocation->r_info);
    (void)section;
    (void)index;
    if (symbol >= object->symbol_count)
        return failed(object, "a relocation names no symbol", "");
    if (wants_slot((uint32_t)ELF64_R_TYPE(relocation->r_info), &object->symbols[symbol]) && object->slots[symbol] == 0)
        object->slots[symbol] = ++object->slot_count;
    return true;
}

static bool map(struct object *object)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (uint32_t i = 0; i < object->section_count; i++)
        if ((object->sections[i].sh_flags & SHF_ALLOC) != 0 && object->sections[i].sh_type == SHT_NOBITS &&
            object->sections[i].sh_size > 0)
            return failed(object, "it has variables", "");
    if (!each_relocation(object, count_slot))
        return false;
    size_t stubs = (place_sections(object, true, 0) + 15) & ~(size_t)15;
    size_t code_bytes = (stubs + (size_t)object->slot_count * STUB_BYTES + page - 1) & ~(page - 1);
    size_t table = (place_sections(object, false, code_bytes) + SLOT_BYTES - 1) & ~(size_t)(SLOT_BYTES - 1);
    size_t bytes = (table + (size_t)object->slot_count * SLOT_BYTES + page - 1) & ~(page - 1);
    if (bytes == 0 || bytes > INT32_MAX)
        return failed(object, "its size", "");
    struct jr_machine_code *code = calloc(1, sizeof *code + object->section_count * sizeof code->sections[0]);
    if (code == NULL)
        return failed(object, "no memory", "");
    object->code = code;
    code->section_count = object->section_count;
    code->bytes = bytes;
    code->code_bytes = code_bytes;
    code->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code->base == MAP_FAILED) {
        code->base = NULL;
        return failed(object, "no memory", "");
    }
    place_sections(object, true, 0);
    place_sections(object, false, code_bytes);
    object->stubs = code->base + stubs;
    object->table = code->base + table;
    for (uint32_t i = 0; i < object->section_count; i++)
        if (code->sections[i] != NULL)
            memcpy(code->sections[i], object->bytes + object->sections[i].sh_offset, object->sections[i].sh_size);
    return true;
}

/* ---- relocation ---- */

static bool resolve(struct object *object)
{
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[i];
        if (symbol->st_shndx == SHN_UNDEF) {
            object->addresses[i] = outside_address(object->input, symbol_name(object, i));
            if (object->addresses[i] == 0)
                return failed(object, "nothing is known of ", symbol_name(object, i));
        } else if (symbol->st_shndx < object->section_count && object->code->sections[symbol->st_shndx] != NULL) {
            if (symbol->st_value > object->sections[symbol->st_shndx].sh_size)
                return failed(object, "a symbol lies outside its section: ", symbol_name(object, i));
            object->addresses[i] = (uint64_t)(uintptr_t)object->code->sections[symbol->st_shndx] + symbol->st_value;
        }
    }
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        if (object->slots[i] == 0)
            continue;
        uint8_t *slot = object->table + (size_t)(object->slots[i] - 1) * SLOT_BYTES;
        uint8_t *stub = object->stubs + (size_t)(object->slots[i] - 1) * STUB_BYTES;
        int32_t distance = (int32_t)(slot - (stub + STUB_BYTES));
        memcpy(slot, &object->addresses[i], SLOT_BYTES);
        stub[0] = 0xff;
        stub[1] = 0x25;
        memcpy(stub + 2, &distance, sizeof distance);
    }
    return true;
}

static bool relocate(struct object *object, const Elf64_Shdr *section, uint32_t index, const Elf64_Rela *relocation)
{
    uint32_t type = (uint32_t)ELF64_R_TYPE(relocation->r_info);
    uint64_t number = ELF64_R_SYM(relocation->r_info);
    size_t width = type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
    if (relocation->r_offset > section->sh_size || width > section->sh_size - relocation->r_offset)
        return failed(object, "a relocation lies outside its section", "");
    uint8_t *place = object->code->sections[index] + relocation->r_offset;
    uint64_t address = object->addresses[number];
    if (object->symbols[number].st_shndx != SHN_UNDEF && address == 0)
        return failed(object, "something is wanted that is not in memory: ", symbol_name(object, (uint32_t)number));
    if (wants_slot(type, &object->symbols[number])) {
        uint32_t slot = object->slots[number] - 1;
        bool through_stub = type == R_X86_64_PLT32;
        address = (uint64_t)(uintptr_t)(through_stub ? object->stubs + (size_t)slot * STUB_BYTES :
                                                       object->table + (size_t)slot * SLOT_BYTES);
    }
    address += (uint64_t)relocation->r_addend;
    switch (type) {
    case R_X86_64_64:
        memcpy(place, &address, 8);
        return true;
    case R_X86_64_PC64:
        address -= (uint64_t)(uintptr_t)place;
        memcpy(place, &address, 8);
        return true;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX: {
        int64_t distance = (int64_t)(address - (uint64_t)(uintptr_t)place);
        int32_t narrow = (int32_t)distance;
        if (narrow != distance)
            return failed(object, "too far away: ", symbol_name(object, (uint32_t)number));
        memcpy(place, &narrow, sizeof narrow);
        return true;
    }
    default: {
        char text[NAME_BYTES];
        snprintf(text, sizeof text, "%u", type);
        return failed(object, "a relocation of kind ", text);
    }
    }
}

struct jr_machine_code *jr_link(const struct jr_link_input *input, char *message, size_t message_size)
{
    struct object object = { .input = input, .bytes = input->object, .size = input->object_bytes, .message = message,
                             .message_size = message_size };
    bool good = read_headers(&object);
    if (good) {
        object.addresses = calloc(object.symbol_count + 1u, sizeof object.addresses[0]);
        object.slots = calloc(object.symbol_count + 1u, sizeof object.slots[0]);
        good = (object.addresses != NULL && object.slots != NULL) || failed(&object, "no memory", "");
    }
    good = good && map(&object) && resolve(&object) && each_relocation(&object, relocate);
    if (good) {
        const struct jr_machine_code *code = object.code;
        good = (mprotect(code->base, code->code_bytes, PROT_READ | PROT_EXEC) == 0 &&
                (code->bytes == code->code_bytes ||
                 mprotect(code->base + code->code_bytes, code->bytes - code->code_bytes, PROT_READ) == 0)) ||
               failed(&object, "this system allows no new code", "");
    }
    free(object.addresses);
    free(object.slots);
    if (!good) {
        if (object.code != NULL)
            object.code->unwind = NULL; /* not registered yet */
        jr_link_release(object.code);
        return NULL;
    }
    if (!input->unwinding)
        object.code->unwind = NULL;
    if (object.code->unwind != NULL)
        __register_frame(object.code->unwind);
    return object.code;
}

void jr_link_release(struct jr_machine_code *code)
{
    if (code == NULL)
        return;
    if (code->unwind != NULL)
        __deregister_frame(code->unwind);
    if (code->base != NULL)
        munmap(code->base, code->bytes);
    free(code);
}

uint64_t jr_link_address(const struct jr_machine_code *code, const struct jr_link_input *input, const char *symbol)
{
    char message[NAME_BYTES];
    struct object object = { .input = input, .bytes = input->object, .size = input->object_bytes, .message = message,
                             .message_size = sizeof message };
    if (!read_headers(&object))
        return 0;
    for (uint32_t i = 1; i < object.symbol_count; i++) {
        const Elf64_Sym *found = &object.symbols[i];
        if (found->st_shndx != SHN_UNDEF && found->st_shndx < code->section_count && code->sections[found->st_shndx] != NULL &&
            strcmp(symbol_name(&object, i), symbol) == 0)
            return (uint64_t)(uintptr_t)code->sections[found->st_shndx] + found->st_value;
    }
    return 0;
}

uint64_t jr_link_text(const struct jr_machine_code *code)
{
    return (uint64_t)(uintptr_t)code->text;
}

size_t jr_link_bytes(const struct jr_machine_code *code)
{
    return code->bytes;
}
