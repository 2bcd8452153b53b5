/* assert.h -- checks of our own code.  JR_ASSERT(condition, "what must hold") prints place and sentence and aborts; with
 * NDEBUG it is nothing.  Never for input, and never for a failure that a caller can meet: those are statuses. */
#ifndef JR_IR_BASE_ASSERT_H
#define JR_IR_BASE_ASSERT_H

#ifdef NDEBUG
#define JR_ASSERT(condition, message) ((void)0)
#else
#define JR_ASSERT(condition, message) \
    ((condition) ? (void)0 : jr_assert_failed(__FILE__, __LINE__, #condition, message))
#endif

_Noreturn void jr_assert_failed(const char *file, int line, const char *condition, const char *message);

#endif
