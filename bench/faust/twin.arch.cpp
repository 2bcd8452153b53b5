// twin.arch.cpp -- what Faust's C++ back end is put into, to make a program that reports like the C twins (bench/c/twin.h).
//
// The generated class wants three types of its surroundings: one that collects metadata, one that builds a user interface, one
// to inherit from.  None of them has anything to do here.
#include <cmath>
#include <cstddef>

#define FAUSTFLOAT double

struct Meta {
    void declare(const char *, const char *) {}
};
struct UI {
    void openVerticalBox(const char *) {}
    void closeBox() {}
    void declare(double *, const char *, const char *) {}
};
struct dsp {};

<<includeIntrinsic>>
<<includeclass>>

extern "C" void twin_run(double *out, std::size_t frames);

static struct instance : mydsp {
    instance() { init(48000); }
} program; /* begun before main, as the time of the first run counts */

extern "C" void twin_run(double *out, std::size_t frames)
{
    program.compute(static_cast<int>(frames), nullptr, &out);
}
