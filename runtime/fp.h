/* fp.h -- the floating-point environment of a run: numbers too small to be normal count as zero, round to nearest, no traps.
 *
 * A decaying filter fed with silence would otherwise spend its time in denormal numbers, 20 to 40 times slower; and both engines
 * must agree, so the mode is part of what a program means.  Where the processor is unknown the mode stays as it is. */
#ifndef JR_RUNTIME_FP_H
#define JR_RUNTIME_FP_H

#include <stdint.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
/* All exceptions masked, round to nearest, flush to zero, denormals are zero. */
enum { JR_FP_MODE = 0x1f80 | 0x8000 | 0x0040 };
static inline uint64_t jr_fp_enter(void)
{
    uint64_t before = _mm_getcsr();
    _mm_setcsr(JR_FP_MODE);
    return before;
}
static inline void jr_fp_leave(uint64_t before)
{
    _mm_setcsr((unsigned)before);
}
#elif defined(__aarch64__)
enum { JR_FP_MODE = 1 << 24 }; /* FPCR.FZ */
static inline uint64_t jr_fp_enter(void)
{
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)JR_FP_MODE));
    return before;
}
static inline void jr_fp_leave(uint64_t before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}
#else
static inline uint64_t jr_fp_enter(void)
{
    return 0;
}
static inline void jr_fp_leave(uint64_t before)
{
    (void)before;
}
#endif

#endif
