#include "frontend/mimium/foreign.h"

#include <stddef.h>
#include <string.h>

struct translation {
    const char *text, *meaning;
};

static const struct translation words[] = {
    { "function", "a function is defined with `fn`: fn f(x){ x + 1 }" },
    { "func", "a function is defined with `fn`: fn f(x){ x + 1 }" },
    { "fun", "a function is defined with `fn`: fn f(x){ x + 1 }" },
    { "def", "a function is defined with `fn`: fn f(x){ x + 1 }" },
    { "lambda", "a function without a name is written |x| x + 1" },
    { "var", "a variable is bound with `let`: let x = 1" },
    { "const", "a variable is bound with `let`: let x = 1" },
    { "val", "a variable is bound with `let`: let x = 1" },
    { "return", "the value of a block is that of its last expression; nothing returns earlier" },
    { "import", "names of a module are imported with `use`: use osc::sinwave" },
    { "require", "names of a module are imported with `use`: use osc::sinwave" },
    { "for", "there are no loops; a function may call itself" },
    { "while", "there are no loops; a function may call itself" },
    { "loop", "there are no loops; a function may call itself" },
    { "switch", "cases are told apart with `match`: match x { 0 => a, _ => b }" },
    { "case", "cases are told apart with `match`: match x { 0 => a, _ => b }" },
    { "then", "`if` is written without `then`: if (c) a else b" },
    { "elif", "write `else if`" },
    { "elsif", "write `else if`" },
    { "true", "truth is a number: 1 is true, 0 is false" },
    { "false", "truth is a number: 1 is true, 0 is false" },
    { "True", "truth is a number: 1 is true, 0 is false" },
    { "False", "truth is a number: 1 is true, 0 is false" },
    { "null", "there is no empty value; a sum type can have a constructor for it: type Maybe = None | Some(float)" },
    { "nil", "there is no empty value; a sum type can have a constructor for it: type Maybe = None | Some(float)" },
    { "print", "a number is printed with `probeln`" },
    { "println", "a number is printed with `probeln`" },
    { "printf", "a number is printed with `probeln`" },
    { "pi", "the library has it: `use math::PI`, and then PI()" },
    { "sr", "the sampling rate is `samplerate`" },
    { "SR", "the sampling rate is `samplerate`" },
    { "time", "the time, in frames, is `now`; in seconds it is now / samplerate" },
    { "this", "the previous value of a function is `self`" },
};

static const struct translation types[] = {
    { "number", "float" }, { "Number", "float" }, { "Float", "float" },   { "double", "float" },
    { "real", "float" },   { "f32", "float" },    { "f64", "float" },     { "bool", "float" },
    { "boolean", "float" }, { "Bool", "float" },  { "integer", "float" }, { "Int", "float" },
    { "i32", "float" },    { "i64", "float" },    { "String", "string" }, { "str", "string" },
    { "text", "string" },  { "void", "()" },      { "unit", "()" },       { "Unit", "()" },
};

static const char *find(const struct translation *table, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].text, text) == 0)
            return table[i].meaning;
    return NULL;
}

const char *jr_mm_foreign_word(const char *text)
{
    return find(words, sizeof words / sizeof words[0], text);
}

const char *jr_mm_foreign_type(const char *text)
{
    return find(types, sizeof types / sizeof types[0], text);
}
