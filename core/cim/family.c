#include "core/cim/family.h"

const char *const array_family_words[] = {"none", "analog_sram", "resistive", "digital", NULL};
