/* script_list.h -- the scripts that operands name: files as they are, folders with every *.mmm and *.jas below. */
#ifndef JR_CLI_SCRIPT_LIST_H
#define JR_CLI_SCRIPT_LIST_H

#include "ir/base/vec.h"

/* Paths in the order of the operands, each folder's sorted by name. */
JR_VEC_OF(jr_script_list, char *);

/* Appends what `path` names.  Returns false after a message on standard error if it cannot be read. */
bool jr_script_list_add(struct jr_script_list *list, const char *path);
void jr_script_list_fini(struct jr_script_list *list);

#endif
