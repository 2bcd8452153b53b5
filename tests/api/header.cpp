// The header in C++: included twice, everything with C linkage.
#include <jitrun.h>
#include <jitrun.h>

#include <cstring>

int main()
{
    const char *script = "fn dsp(){ self + 0.25 }";
    jitrun_config config = {};
    jitrun_engine *engine;
    jitrun_program *program;
    jitrun_instance *instance;
    double values[4] = {};
    config.size = sizeof config;
    if (jitrun_engine_create(&config, &engine) != JITRUN_OK ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "c++", script, std::strlen(script), &program) != JITRUN_OK ||
        jitrun_instance_create(program, nullptr, &instance) != JITRUN_OK || jitrun_instance_start(instance) != JITRUN_OK ||
        jitrun_process(instance, nullptr, values, 4) != JITRUN_OK)
        return 1;
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return jitrun_number(jitrun_word(values[3])) == 1.0 ? 0 : 2;
}
