/* link.h -- puts an ELF object into memory, so that its functions can be called.  No LLVM in it.
 *
 * What the compiler (jit/llvm) makes is a relocatable object: position independent, without writable data.  An image is one mapping:
 *
 *   | code, stubs to far functions | constants, table of addresses |
 *     read, execute                  read
 *
 * References to other symbols are to functions of the program, to known objects of a residual program (JR_LINK_KNOWN), or to functions of the
 * C library that code generation puts in by itself.  Nothing of an object is trusted but its instructions: sizes, offsets and kinds are checked. */
#ifndef JR_JIT_LINK_H
#define JR_JIT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jr_alloc;
struct jr_compiler_symbol;
struct jr_machine_code; /* an image */

/* "jr.known.7" is the object that word 7 of the residual closure's captures refers to. */
#define JR_LINK_KNOWN "jr.known."

/* The program's symbols, for finding them by name. */
struct jr_link_table {
    struct jr_compiler_symbol *sorted; /* owned */
    size_t count;
};

struct jr_link_input {
    const void *object;
    size_t object_bytes;
    const struct jr_link_table *table;
    const uint64_t *known; /* what JR_LINK_KNOWN counts in; NULL: there are none */
    uint32_t known_count;
    bool unwinding; /* register tables for unwinding, which are trusted */
};

/* Copies `count` symbols; names stay borrowed.  False without memory. */
bool jr_link_table_init(struct jr_link_table *table, const struct jr_alloc *alloc, const struct jr_compiler_symbol *symbols,
                        size_t count);
void jr_link_table_fini(struct jr_link_table *table, const struct jr_alloc *alloc);

/* The image is the caller's, who ends it with jr_link_release when nothing can run it any more.  NULL on failure, and then `message` says why. */
struct jr_machine_code *jr_link(const struct jr_link_input *input, char *message, size_t message_size);
void jr_link_release(struct jr_machine_code *code);
/* Where a function of the object is now; 0 if it has no such function.  `object` as given to jr_link. */
uint64_t jr_link_address(const struct jr_machine_code *code, const struct jr_link_input *input, const char *symbol);
/* Where its section .text is, and the bytes mapped. */
uint64_t jr_link_text(const struct jr_machine_code *code);
size_t jr_link_bytes(const struct jr_machine_code *code);

#endif
