/* ops_data.c -- the bitcode of the instruction bodies inside the shared object.  JR_OPS_BITCODE is the file's path. */
#include "jit/llvm/library.h"


__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global jr_ops_bitcode\n.hidden jr_ops_bitcode\n"
        ".global jr_ops_bitcode_end\n.hidden jr_ops_bitcode_end\n"
        "jr_ops_bitcode:\n"
        ".incbin \"" JR_OPS_BITCODE "\"\n"
        "jr_ops_bitcode_end:\n"
        ".byte 0\n" /* LLVM asks for a byte after a range of memory; the buffer is told that it need not be there */
        ".previous\n");
