/* named_text.h -- a text and the path of the file that it stands in for. */
#ifndef JR_IR_BASE_NAMED_TEXT_H
#define JR_IR_BASE_NAMED_TEXT_H

#include <stddef.h>

struct jr_named_text {
    const char *path, *text;
    size_t length; /* bytes of text */
};

#endif
