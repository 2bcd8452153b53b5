/* same_module.h -- compares two modules table by table. */
#ifndef JR_TESTS_UNIT_IR_SAME_MODULE_H
#define JR_TESTS_UNIT_IR_SAME_MODULE_H

#include "ir/module.h"

/* Fails the running test with the table that differs.  What jr_verify fills (fuel_cost, owned) is not compared. */
void same_module(const struct jr_module *a, const struct jr_module *b);

#endif
