/* gdb.c -- GDB's interface for code made at run time: a list of objects in memory and a function in which GDB has a breakpoint.
 *
 * The object is the one that was linked, with the address of its text section filled in; GDB relocates the debug information itself. */
#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/assert.h"
#include "jit/describe.h"

/* The names, layouts and values are GDB's. */
enum { NO_ACTION, REGISTER, UNREGISTER };

struct jr_gdb_object {
    struct jr_gdb_object *next, *previous;
    const char *symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version, action_flag;
    struct jr_gdb_object *relevant_entry, *first_entry;
};

extern struct jit_descriptor __jit_debug_descriptor;
extern void __jit_debug_register_code(void);

struct jit_descriptor __jit_debug_descriptor = { 1, NO_ACTION, NULL, NULL };

__attribute__((noinline)) void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory"); /* the call and the stores before it stay */
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the list, which all JITs of the process share */

static void tell(uint32_t action, struct jr_gdb_object *object)
{
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_descriptor.relevant_entry = object;
    __jit_debug_register_code();
    __jit_debug_descriptor.action_flag = NO_ACTION;
    __jit_debug_descriptor.relevant_entry = NULL;
}

static void set_text_address(char *object, uint64_t size, uint64_t text)
{
    Elf64_Ehdr *head = (Elf64_Ehdr *)(void *)object;
    (void)size; /* of builds without assertions */
    JR_ASSERT(size >= sizeof *head && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == ELFCLASS64,
              "the compiler makes ELF objects of 64 bits");
    Elf64_Shdr *sections = (Elf64_Shdr *)(void *)(object + head->e_shoff);
    const char *names = object + sections[head->e_shstrndx].sh_offset;
    for (uint32_t i = 0; i < head->e_shnum; i++)
        if (strcmp(names + sections[i].sh_name, ".text") == 0)
            sections[i].sh_addr = text;
}

struct jr_gdb_object *jr_gdb_add(void *object, uint64_t size, uint64_t text)
{
    struct jr_gdb_object *added = calloc(1, sizeof *added);
    if (added == NULL) {
        free(object);
        return NULL; /* GDB does without */
    }
    set_text_address(object, size, text);
    added->symfile_addr = object;
    added->symfile_size = size;
    pthread_mutex_lock(&lock);
    added->next = __jit_debug_descriptor.first_entry;
    if (added->next != NULL)
        added->next->previous = added;
    __jit_debug_descriptor.first_entry = added;
    tell(REGISTER, added);
    pthread_mutex_unlock(&lock);
    return added;
}

void jr_gdb_remove(struct jr_gdb_object *object)
{
    if (object == NULL)
        return;
    pthread_mutex_lock(&lock);
    if (object->next != NULL)
        object->next->previous = object->previous;
    if (object->previous != NULL)
        object->previous->next = object->next;
    else
        __jit_debug_descriptor.first_entry = object->next;
    tell(UNREGISTER, object);
    pthread_mutex_unlock(&lock);
    free((void *)(uintptr_t)object->symfile_addr);
    free(object);
}
