/* profile.h -- where a script's time goes, told in its own functions and lines.
 *
 *   create -> (session with jr_profile_code as its `code`) -> attach -> take samples while it runs -> count -> finish -> print
 *
 * The profile has no clock and no signal handler: whoever runs the session interrupts it at even intervals and fills in stacks (cli/profile_sampler.c).
 * Machine code leads back to the script by its line table and by what specialisation noted; the interpreter's stack is read from
 * its frame records.  Beside the samples, a second run in the interpreter counts calls and instructions exactly: every engine gives the
 * same results, so they are those of the first run too.
 *
 * One thread, except jr_profile_code. */
#ifndef JR_HOST_PROFILE_H
#define JR_HOST_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/session.h"

struct jr_profile;

/* Fails with JR_ERR_NO_MEMORY; the caller ends it with jr_profile_destroy, after the session's end. */
enum jr_status jr_profile_create(struct jr_profile **out);
void jr_profile_destroy(struct jr_profile *profile); /* NULL is allowed */

/* For jr_session_config.code; `user` is the profile. */
void jr_profile_code(void *user, const struct jr_jit_code *code);

/* What the sampler has to know of the machine beneath a prepared session. */
struct jr_profile_view {
    uint64_t interpreter; /* where the interpreter's loop begins */
    uint64_t records, records_end; /* frame records of the interpreter: record_bytes each, the first word says where the caller goes on; newer
                                      ones lie lower, and the lowest is never used */
    size_t record_bytes;
};
struct jr_profile_view jr_profile_attach(struct jr_profile *profile, struct jr_session *session);

/* One moment: frames from the innermost on. */
enum jr_profile_frame_kind {
    JR_PROFILE_CODE = 1,    /* any machine code: its address */
    JR_PROFILE_INTERPRETED, /* the interpreter: a count, at most JR_PROFILE_CANDIDATES, and so many words, among which are the loop's variables;
                               the lowest of them that points to a frame record; a count and the first words of so many records from there on */
};
enum { JR_PROFILE_CANDIDATES = 128 };
/* words[0 .. count): kind, what belongs to it, kind ...; `count` is bounded by nothing but memory. */
enum jr_status jr_profile_add_sample(struct jr_profile *profile, const uint64_t *words, size_t count);

/* Counts calls and instructions of `frame_count` frames of the same program in a session of its own, which is not interrupted.  Errors are those of a
 * session; the profile is good without. */
enum jr_status jr_profile_count(struct jr_profile *profile, const struct jr_session_config *config, const char *path,
                                uint64_t frame_count);

/* The session has run: computes all that is printed.  Before the session ends, which must not run again. */
enum jr_status jr_profile_finish(struct jr_profile *profile, double seconds); /* `seconds`: processor time of the run */

enum jr_profile_format {
    JR_PROFILE_TEXT = 1, /* a table */
    JR_PROFILE_JSON,     /* the same, one object */
    JR_PROFILE_FOLDED,   /* a line for each stack, outermost function first, and its samples */
    JR_PROFILE_HTML,     /* one page that needs nothing else: source, bytecode, IR and machine code side by side */
};
enum jr_status jr_profile_print(struct jr_profile *profile, enum jr_profile_format format, struct jr_sb *out);

#endif
