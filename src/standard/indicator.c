/* What checks measure: the indicators of GB/T 36344-2018 that a table alone can tell about, each
 * with the characteristic of ISO/IEC 25012 that this project files it under. */
#include "standard/standard_impl.h"

const struct standard_indicator indicators[] = {
    {"0101", "data standard", "数据标准", "compliance"},
    {"0102", "data model", "数据模型", "compliance"},
    {"0103", "metadata", "元数据", "compliance"},
    {"0104", "business rule", "业务规则", "consistency"},
    {"0105", "authoritative reference data", "权威参考数据", "credibility"},
    {"0201", "data element completeness", "数据元素", "completeness"},
    {"0202", "data record completeness", "数据记录", "completeness"},
    {"0301", "content correct", "内容正确性", "accuracy"},
    {"0302", "format compliant", "格式合规性", "accuracy"},
    {"0304", "uniqueness", "唯一性", "consistency"},
    {"0401", "same-data consistency", "相同数据", "consistency"},
    {"0402", "related-data consistency", "关联数据", "consistency"},
    {"0501", "correct within period", "基于时间段", "currentness"},
    {"0502", "timely at a point", "基于时间点及时性", "currentness"},
    {"0503", "order in time", "时序性", "currentness"},
};
const size_t indicator_count = sizeof(indicators) / sizeof(indicators[0]);

const struct standard_indicator *indicator_find(pd_str code) {
    for (size_t i = 0; i < indicator_count; i++)
        if (pd_str_is(code, indicators[i].code))
            return &indicators[i];
    return NULL;
}

const struct standard_indicator *indicator_get(const char *code) {
    return indicator_find(pd_str_from(code));
}
