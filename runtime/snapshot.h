/* snapshot.h -- everything that the future of a running program depends on, as words: globals, state, heap objects, tasks, the clock.
 *
 *   header   magic, key, words in all, hash of what follows
 *   numbers  sample rate, frame, clock, next sequence number, objects
 *   objects  in the order in which they were found: kind and layout, then what they consist of
 *   roots    globals; instances: function and state; tasks: time, sequence number, closure
 *
 * A reference is a number: 0 null, object index * 8 + 1, and with other low bits the static closure of a function, a string of the program, the closure
 * that a function has for calls from outside.  Nothing in the words is trusted when they are read: bounds, kinds and layouts are checked against the
 * module, so that what comes out is a state that the verifier's proof covers. */
#ifndef JR_RUNTIME_SNAPSHOT_H
#define JR_RUNTIME_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "ir/base/vec.h"

struct jr_vm;

JR_VEC_OF(jr_snapshot, uint64_t);

/* Appends the state of a program that is between two runs.  key: of the module; what is read must have the same.
 * JR_OK or JR_ERR_NO_MEMORY; `out` belongs to the caller, with the VM's allocator, in either case. */
enum jr_status jr_vm_save(struct jr_vm *vm, uint64_t key, struct jr_snapshot *out);

/* Brings a VM that was linked and has not run into that state.  words are borrowed and changed.  JR_ERR_INVALID: damaged, or of
 * another program or sample rate; JR_ERR_NO_MEMORY, JR_ERR_MEMORY_LIMIT.  On an error the VM can only be ended. */
enum jr_status jr_vm_load(struct jr_vm *vm, uint64_t key, uint64_t *words, size_t count);

#endif
