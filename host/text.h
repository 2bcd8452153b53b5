/* text.h -- the string functions of mimium's macro stage, as host functions "text.str_length" and so on.
 *
 * Strings are UTF-8; positions and lengths count Unicode scalar values and are truncated towards zero. */
#ifndef JR_HOST_TEXT_H
#define JR_HOST_TEXT_H

#include <stddef.h>

#include "runtime/vm.h"

/* Static. */
extern const struct jr_host_function jr_text_functions[];
extern const size_t jr_text_function_count;

#endif
