/* verify.h -- proof that both engines may run a module unchecked.
 *
 * Per function a forward dataflow over the class of every register (ir/layout.h plus: empty, owned or borrowed and from
 * where) checks: opcodes and operand ranges (registers, constants, strings, globals, state, layouts, sums, functions,
 * signatures, imports, tables), jump targets, no fall off the end, no read of an empty register, right class for every
 * operand, call windows (arguments raw or borrowed, of the callee's parameter layout; what lies above the window is empty
 * after the call), result layout at RETURN, state ranges by kind (a DELAY or MEM or CALL range must be one of the function's sites),
 * and that counts balance:
 *   - a register that owns a reference is never overwritten, and is empty at RETURN unless returned;
 *   - a borrowed register is never released, moved into an object or returned; when the owner it was taken from is emptied
 *     or overwritten, it becomes empty too (a borrow of a parameter, a capture, a program string or a FUNCTION lasts for the whole call);
 *   - where two paths meet the classes agree; raw, or borrowed, and empty meet as empty; owned meets only owned.
 * Also fills function->fuel_cost and function->owned.  Works on anything: assembled text, loaded images. */
#ifndef JR_IR_VERIFY_H
#define JR_IR_VERIFY_H

#include "ir/base/status.h"
#include "ir/module.h"

struct jr_verify_report {
    uint32_t function; /* index or JR_NONE for the module's tables */
    uint32_t pc;       /* code word index, JR_NONE if none */
    char message[256]; /* "osc: 12 add.f64: register 9 is empty" */
};

/* Accepts the module (JR_OK, module->verified is set) or says why not (JR_ERR_VERIFY, or JR_ERR_NO_MEMORY).
 * Allocates the owned tables in the module's arena. */
enum jr_status jr_verify(struct jr_module *module, const struct jr_alloc *alloc, struct jr_verify_report *report);

#endif
