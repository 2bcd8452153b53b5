/* profile_page_data.c -- the page's text inside the program.  JR_PROFILE_PAGE is the file's path. */
#include "host/profile_internal.h"

__asm__(".section .rodata\n"
        ".global jr_profile_page_text\n.hidden jr_profile_page_text\n"
        ".global jr_profile_page_end\n.hidden jr_profile_page_end\n"
        "jr_profile_page_text:\n"
        ".incbin \"" JR_PROFILE_PAGE "\"\n"
        "jr_profile_page_end:\n"
        ".byte 0\n"
        ".previous\n");
