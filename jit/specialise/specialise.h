/* specialise.h -- whole-program specialisation: dsp with everything it reaches becomes one function.  No LLVM in it.
 *
 * When global code has run, the closures, the globals that nothing assigns and the captures of closures are constants.  This pass runs dsp
 * abstractly over them: what depends on constants alone is computed, by the instructions' own bodies (runtime/ops.h), so that the bits are those
 * of the interpreter; branches on constants disappear; calls, of functions and of known closures, are expanded in place; loops whose
 * exit is decided by constants are unrolled; what remains is written down as ordinary bytecode, which is verified like any other.
 * docs/internals/specialise.md tells what is proved, and what is refused. */
#ifndef JR_JIT_SPECIALISE_SPECIALISE_H
#define JR_JIT_SPECIALISE_SPECIALISE_H

#include <stddef.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_residual;
struct jr_vm;

enum { JR_SPECIALISE_REASON_BYTES = 160 };

/* Makes the residual program of a VM whose global code has run without error (between runs; nothing of the VM changes).
 *
 * JR_OK                *out is the caller's, who hands it to jr_vm_install (runtime/residual.h) or ends it with jr_residual_destroy (there too);
 *                      it refers to the VM's objects: valid until jr_vm_finish or until global code runs again
 * JR_ERR_UNSUPPORTED   the program has something that is not specialised; `reason` (JR_SPECIALISE_REASON_BYTES) says what, for a user
 * JR_ERR_NO_MEMORY */
enum jr_status jr_specialise(struct jr_vm *vm, struct jr_residual **out, char *reason);

#endif
