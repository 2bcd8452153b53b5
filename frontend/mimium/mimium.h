/* mimium.h -- mimium source to a module of bytecode. */
#ifndef JR_FRONTEND_MIMIUM_MIMIUM_H
#define JR_FRONTEND_MIMIUM_MIMIUM_H

#include <stdbool.h>
#include <stdint.h>

#include "frontend/mimium/stage.h"
#include "ir/base/status.h"

struct jr_alloc;
struct jr_diags;
struct jr_module;
struct jr_sb;
struct jr_sources;

/* Reads the file at `path` and adds it to `sources` under that name, as jr_sources_load does. */
struct jr_mimium_files {
    enum jr_status (*load)(void *context, struct jr_sources *sources, const char *path, uint32_t *out);
    void *context;
};

/* A function of the host that programs may call as one of the language's.  Each parameter and result is one word; its letter is its type:
 * n a number, s a string, f a function of one number that gives a number, t a function of nothing that gives one.  Without results it gives unit,
 * with several a tuple.  The module imports it by its name. */
struct jr_mimium_host {
    const char *name, *params, *results;
};

/* Zeroed: the usual.  Everything is borrowed for the call.
 *
 * A module or include is looked for in search_first; in `lib` of the folder of the file that mentions it, and of each folder
 * above; in user_library; in libraries; in the folder of that file.  A path that is absolute or starts with ./ or ../ is
 * looked for at its place only.  Files that are in the sources already, under the same name, are not read again. */
struct jr_mimium_options {
    bool self_init_0; /* a function that uses `self` gives its previous value instead of its new one */
    const char *const *search_first, *const *libraries;   /* folders */
    uint32_t search_first_count, library_count;
    const char *user_library;            /* a folder, or NULL */
    const struct jr_mimium_files *files; /* NULL: the file system */
    const struct jr_mimium_host *hosts;
    uint32_t host_count;
    struct jr_mm_stage_host stage_host;  /* runs macros; without `run`, a program with splices is E-UNSUPPORTED */
};

/* Compiles the file `file` of `sources` and whatever it loads, which is added to `sources`.
 *
 * options  NULL for the usual
 * diags    every error of the program is added, in the order parse, types, the rest
 * out      a module that jr_verify has not seen yet, owned by the caller; NULL unless JR_OK
 * errors   JR_ERR_DIAGNOSED if the program is wrong, JR_ERR_NO_MEMORY */
enum jr_status jr_mimium_compile(struct jr_sources *sources, uint32_t file,
                                 const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                 struct jr_diags *diags, struct jr_module **out);

/* Checks a program and writes the type of each name defined at its top level, one a line, in source syntax:
 * `name: type`.  Type variables that stand for any type are 'a, 'b ...  Returns as jr_mimium_compile does; what could be typed is
 * written for a wrong program too. */
enum jr_status jr_mimium_dump_types(struct jr_sources *sources, uint32_t file,
                                    const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                    struct jr_diags *diags, struct jr_sb *out);

/* A name that is defined at the level of the program or of a module, with its type.  Borrowed, valid for the visit. */
struct jr_mimium_global {
    struct jr_span span; /* of the name where it is defined */
    bool is_macro;       /* of the macro stage */
    const char *type;    /* as in a source */
    /* Of a name bound to a function: the types of its parameters, and behind them that of its result; else NULL. */
    const char *const *signature;
    uint32_t param_count;
};

/* Checks a program as jr_mimium_dump_types does, macros included, and visits all that it and the files it loads define, as far as
 * types were found.  A name may be visited twice if there are macros; the later visit is the better one. */
enum jr_status jr_mimium_visit_globals(struct jr_sources *sources, uint32_t file,
                                       const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                       struct jr_diags *diags,
                                       void (*visit)(void *context, const struct jr_mimium_global *global),
                                       void *context);

/* Expands a program and writes it as source text (print.h), also if what its macros made is wrong.  Returns as jr_mimium_compile
 * does. */
enum jr_status jr_mimium_dump_expanded(struct jr_sources *sources, uint32_t file,
                                       const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                       struct jr_diags *diags, struct jr_sb *out);

#endif
