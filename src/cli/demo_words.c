/*
 * The words of the demonstration tables, with how often each is drawn. Weights are rounded by hand
 * to look like a large city's and claim nothing about any. Codes are of public classifications:
 * GB/T 2260 (areas) and ICD-10 (diagnoses).
 */
#include "cli/demo_impl.h"

/* The same weight in every group. */
#define EVERY(w)                                                                                   \
    { w, w, w, w, w }

static const struct demo_word SURNAMES[] = {
    {{"Wang", "王"}, EVERY(72)},  {{"Li", "李"}, EVERY(72)},   {{"Zhang", "张"}, EVERY(68)},
    {{"Liu", "刘"}, EVERY(54)},   {{"Chen", "陈"}, EVERY(52)}, {{"Yang", "杨"}, EVERY(31)},
    {{"Huang", "黄"}, EVERY(28)}, {{"Zhao", "赵"}, EVERY(21)}, {{"Wu", "吴"}, EVERY(20)},
    {{"Zhou", "周"}, EVERY(20)},  {{"Xu", "徐"}, EVERY(15)},   {{"Sun", "孙"}, EVERY(15)},
    {{"Ma", "马"}, EVERY(13)},    {{"Zhu", "朱"}, EVERY(13)},  {{"Hu", "胡"}, EVERY(12)},
    {{"Guo", "郭"}, EVERY(12)},   {{"He", "何"}, EVERY(12)},   {{"Lin", "林"}, EVERY(12)},
    {{"Gao", "高"}, EVERY(11)},   {{"Luo", "罗"}, EVERY(11)},  {{"Zheng", "郑"}, EVERY(10)},
    {{"Liang", "梁"}, EVERY(10)}, {{"Xie", "谢"}, EVERY(8)},   {{"Song", "宋"}, EVERY(8)},
    {{"Tang", "唐"}, EVERY(8)},   {{"Deng", "邓"}, EVERY(7)},  {{"Feng", "冯"}, EVERY(7)},
    {{"Han", "韩"}, EVERY(7)},    {{"Cao", "曹"}, EVERY(6)},   {{"Zeng", "曾"}, EVERY(6)},
    {{"Peng", "彭"}, EVERY(6)},   {{"Cai", "蔡"}, EVERY(5)},   {{"Pan", "潘"}, EVERY(5)},
    {{"Tian", "田"}, EVERY(5)},   {{"Dong", "董"}, EVERY(5)},  {{"Yuan", "袁"}, EVERY(5)},
    {{"Yu", "余"}, EVERY(5)},     {{"Ye", "叶"}, EVERY(5)},    {{"Jiang", "蒋"}, EVERY(5)},
    {{"Du", "杜"}, EVERY(4)},
};

static const struct demo_word GIVEN_FEMALE[] = {
    {{"fang", "芳"}, EVERY(9)}, {{"juan", "娟"}, EVERY(6)}, {{"min", "敏"}, EVERY(8)},
    {{"jing", "静"}, EVERY(9)}, {{"li", "丽"}, EVERY(9)},   {{"yan", "艳"}, EVERY(7)},
    {{"xia", "霞"}, EVERY(6)},  {{"ling", "玲"}, EVERY(6)}, {{"ting", "婷"}, EVERY(8)},
    {{"xue", "雪"}, EVERY(6)},  {{"hui", "慧"}, EVERY(6)},  {{"jie", "洁"}, EVERY(5)},
    {{"mei", "梅"}, EVERY(6)},  {{"na", "娜"}, EVERY(5)},   {{"lin", "琳"}, EVERY(5)},
    {{"ying", "颖"}, EVERY(6)}, {{"ping", "萍"}, EVERY(5)}, {{"hong", "红"}, EVERY(6)},
    {{"xiu", "秀"}, EVERY(5)},  {{"lan", "兰"}, EVERY(5)},  {{"xin", "欣"}, EVERY(7)},
    {{"yi", "怡"}, EVERY(6)},   {{"han", "涵"}, EVERY(6)},  {{"jia", "佳"}, EVERY(6)},
    {{"qi", "琪"}, EVERY(4)},   {{"lei", "蕾"}, EVERY(4)},  {{"xuan", "萱"}, EVERY(4)},
    {{"yue", "月"}, EVERY(4)},
};

static const struct demo_word GIVEN_MALE[] = {
    {{"wei", "伟"}, EVERY(9)},  {{"qiang", "强"}, EVERY(7)}, {{"jun", "军"}, EVERY(7)},
    {{"jie", "杰"}, EVERY(8)},  {{"tao", "涛"}, EVERY(7)},   {{"ming", "明"}, EVERY(8)},
    {{"lei", "磊"}, EVERY(6)},  {{"yong", "勇"}, EVERY(6)},  {{"peng", "鹏"}, EVERY(5)},
    {{"bin", "斌"}, EVERY(6)},  {{"hao", "浩"}, EVERY(8)},   {{"yu", "宇"}, EVERY(7)},
    {{"hui", "辉"}, EVERY(5)},  {{"gang", "刚"}, EVERY(4)},  {{"jian", "健"}, EVERY(6)},
    {{"bo", "博"}, EVERY(5)},   {{"wen", "文"}, EVERY(6)},   {{"zhi", "志"}, EVERY(7)},
    {{"guo", "国"}, EVERY(5)},  {{"hua", "华"}, EVERY(6)},   {{"ping", "平"}, EVERY(5)},
    {{"feng", "峰"}, EVERY(6)}, {{"fei", "飞"}, EVERY(5)},   {{"long", "龙"}, EVERY(4)},
    {{"chen", "晨"}, EVERY(5)}, {{"xuan", "轩"}, EVERY(5)},  {{"ze", "泽"}, EVERY(5)},
    {{"rui", "睿"}, EVERY(5)},
};

static const struct demo_word SEXES[] = {{{"Female", "女"}, EVERY(49)},
                                         {{"Male", "男"}, EVERY(51)}};

/* Full years from `amount` to below `to`. Nobody is born before 1930: see put_resident_id. */
static const struct demo_word AGES[] = {
    {.weight = {55}, .amount = 0, .to = 6},    {.weight = {75}, .amount = 6, .to = 12},
    {.weight = {55}, .amount = 12, .to = 18},  {.weight = {95}, .amount = 18, .to = 25},
    {.weight = {220}, .amount = 25, .to = 35}, {.weight = {190}, .amount = 35, .to = 45},
    {.weight = {130}, .amount = 45, .to = 55}, {.weight = {90}, .amount = 55, .to = 65},
    {.weight = {60}, .amount = 65, .to = 75},  {.weight = {24}, .amount = 75, .to = 85},
    {.weight = {6}, .amount = 85, .to = 95},
};

static const struct demo_word DISTRICTS[] = {
    {{"Luohu", "罗湖区"}, EVERY(114), .code = "440303"},
    {{"Futian", "福田区"}, EVERY(155), .code = "440304"},
    {{"Nanshan", "南山区"}, EVERY(180), .code = "440305"},
    {{"Bao'an", "宝安区"}, EVERY(448), .code = "440306"},
    {{"Longgang", "龙岗区"}, EVERY(398), .code = "440307"},
    {{"Yantian", "盐田区"}, EVERY(21), .code = "440308"},
    {{"Longhua", "龙华区"}, EVERY(253), .code = "440309"},
    {{"Pingshan", "坪山区"}, EVERY(55), .code = "440310"},
    {{"Guangming", "光明区"}, EVERY(110), .code = "440311"},
};

static const struct demo_word REGISTERED[] = {
    {.weight = {8}, .code = "110105"},  {.weight = {8}, .code = "310115"},
    {.weight = {8}, .code = "320102"},  {.weight = {8}, .code = "330102"},
    {.weight = {12}, .code = "340102"}, {.weight = {14}, .code = "350102"},
    {.weight = {34}, .code = "360102"}, {.weight = {22}, .code = "360702"},
    {.weight = {8}, .code = "370102"},  {.weight = {26}, .code = "410102"},
    {.weight = {24}, .code = "420106"}, {.weight = {22}, .code = "421002"},
    {.weight = {34}, .code = "430102"}, {.weight = {26}, .code = "430302"},
    {.weight = {20}, .code = "440106"}, {.weight = {20}, .code = "441302"},
    {.weight = {36}, .code = "440902"}, {.weight = {34}, .code = "441402"},
    {.weight = {38}, .code = "445102"}, {.weight = {36}, .code = "445202"},
    {.weight = {28}, .code = "450102"}, {.weight = {22}, .code = "450302"},
    {.weight = {20}, .code = "500103"}, {.weight = {24}, .code = "510104"},
    {.weight = {14}, .code = "520102"}, {.weight = {8}, .code = "530102"},
    {.weight = {10}, .code = "610103"},
};

static const struct demo_word STREETS[] = {
    {{"Renmin Road", "人民路"}, EVERY(10)},    {{"Heping Road", "和平路"}, EVERY(8)},
    {{"Xinhua Road", "新华路"}, EVERY(7)},     {{"Zhenxing Road", "振兴路"}, EVERY(6)},
    {{"Lianhua Road", "莲花路"}, EVERY(6)},    {{"Wenhua Street", "文化街"}, EVERY(5)},
    {{"Binhe Avenue", "滨河大道"}, EVERY(5)},  {{"Gongye Road", "工业路"}, EVERY(5)},
    {{"Xingfu Lane", "幸福巷"}, EVERY(4)},     {{"Chunfeng Road", "春风路"}, EVERY(4)},
    {{"Dongmen Street", "东门街"}, EVERY(3)},  {{"Cuizhu Road", "翠竹路"}, EVERY(3)},
    {{"Fumin Road", "富民路"}, EVERY(3)},      {{"Taoyuan Road", "桃园路"}, EVERY(2)},
    {{"Huaqiang Street", "华强街"}, EVERY(2)}, {{"Yuejin Lane", "跃进巷"}, EVERY(1)},
};

/* By stage of life. amount: tier of schooling, for the income. */
static const struct demo_word EDUCATIONS[] = {
    {{"Preschool", "学龄前"}, {1, 0, 0, 0, 0}, .amount = 0},
    {{"Primary school", "小学"}, {0, 1, 100, 50, 330}, .amount = 0},
    {{"Junior secondary", "初中"}, {0, 0, 600, 250, 340}, .amount = 0},
    {{"Senior secondary", "高中"}, {0, 0, 300, 260, 180}, .amount = 1},
    {{"College diploma", "大专"}, {0, 0, 0, 215, 90}, .amount = 1},
    {{"Bachelor", "本科"}, {0, 0, 0, 185, 50}, .amount = 2},
    {{"Postgraduate", "研究生"}, {0, 0, 0, 40, 10}, .amount = 2},
};

/* Before school, at school; of working age by tier of schooling; old. */
static const struct demo_word OCCUPATIONS[] = {
    {{"", ""}, {1, 0, 0, 0, 0, 0}},
    {{"Pupil or student", "学生"}, {0, 1, 0, 30, 10, 0}},
    {{"Production worker", "生产工人"}, {0, 0, 360, 130, 15, 10}},
    {{"Service worker", "服务人员"}, {0, 0, 260, 150, 30, 40}},
    {{"Clerk", "职员"}, {0, 0, 40, 210, 260, 10}},
    {{"Technician or engineer", "专业技术人员"}, {0, 0, 10, 140, 380, 15}},
    {{"Sales worker", "销售人员"}, {0, 0, 90, 130, 70, 5}},
    {{"Self-employed", "个体经营者"}, {0, 0, 100, 80, 35, 35}},
    {{"Driver", "驾驶员"}, {0, 0, 70, 50, 5, 5}},
    {{"Teacher", "教师"}, {0, 0, 0, 20, 80, 3}},
    {{"Nurse or physician", "医护人员"}, {0, 0, 0, 20, 55, 3}},
    {{"Civil servant", "公务员"}, {0, 0, 0, 8, 45, 0}},
    {{"Not employed", "无业"}, {0, 0, 60, 35, 20, 60}},
    {{"Retired", "离退休"}, {0, 0, 12, 10, 8, 820}},
};

/* By stage of life. */
static const struct demo_word MARITALS[] = {
    {{"Single", "未婚"}, {1, 1, 1, 290, 15}},
    {{"Married", "已婚"}, {0, 0, 0, 655, 760}},
    {{"Divorced", "离异"}, {0, 0, 0, 48, 45}},
    {{"Widowed", "丧偶"}, {0, 0, 0, 7, 180}},
};

static const struct demo_word HOUSEHOLDS[] = {
    {{"1", "1"}, {0, 0, 0, 30, 18}},    {{"2", "2"}, {3, 4, 6, 26, 45}},
    {{"3", "3"}, {38, 40, 42, 24, 15}}, {{"4", "4"}, {32, 34, 32, 12, 10}},
    {{"5", "5"}, {18, 15, 13, 5, 8}},   {{"6", "6"}, {7, 5, 5, 2, 3}},
    {{"7", "7"}, {2, 2, 2, 1, 1}},
};

/* Yuan a month; by tier of schooling 0..2, and 3 for those who earn nothing. */
static const struct demo_word INCOMES[] = {
    {{"", ""}, {0, 0, 0, 1}},
    {{"0-2999", "0-2999"}, {160, 90, 30}},
    {{"3000-4999", "3000-4999"}, {420, 240, 70}},
    {{"5000-7999", "5000-7999"}, {300, 360, 210}},
    {{"8000-11999", "8000-11999"}, {90, 200, 290}},
    {{"12000-19999", "12000-19999"}, {25, 85, 250}},
    {{"20000+", "20000+"}, {5, 25, 150}},
};

static const struct demo_word BRANDS[] = {
    {{"heng", "恒"}, EVERY(5)},   {{"xin", "鑫"}, EVERY(6)},  {{"yuan", "源"}, EVERY(5)},
    {{"tai", "泰"}, EVERY(4)},    {{"rui", "瑞"}, EVERY(4)},  {{"hong", "宏"}, EVERY(5)},
    {{"sheng", "盛"}, EVERY(4)},  {{"da", "达"}, EVERY(5)},   {{"tong", "通"}, EVERY(4)},
    {{"jia", "嘉"}, EVERY(3)},    {{"hui", "汇"}, EVERY(3)},  {{"yi", "益"}, EVERY(3)},
    {{"chuang", "创"}, EVERY(3)}, {{"kang", "康"}, EVERY(3)}, {{"fu", "福"}, EVERY(3)},
    {{"lian", "联"}, EVERY(3)},   {{"ming", "铭"}, EVERY(2)}, {{"zhong", "众"}, EVERY(2)},
};

/* other: as part of a company's name. */
static const struct demo_word INDUSTRIES[] = {
    {{"Catering", "餐饮业"}, EVERY(230), .other = {"Catering", "餐饮"}},
    {{"Retail trade", "零售业"}, EVERY(260), .other = {"Trading", "商贸"}},
    {{"Wholesale trade", "批发业"}, EVERY(120), .other = {"Supply Chain", "供应链"}},
    {{"Manufacturing", "制造业"}, EVERY(105), .other = {"Manufacturing", "制造"}},
    {{"Software and IT services", "软件和信息技术服务业"},
     EVERY(95),
     .other = {"Technology", "科技"}},
    {{"Construction", "建筑业"}, EVERY(60), .other = {"Construction", "建筑工程"}},
    {{"Road transport", "道路运输业"}, EVERY(50), .other = {"Logistics", "物流"}},
    {{"Health", "卫生"}, EVERY(28), .other = {"Health Care", "健康管理"}},
    {{"Education", "教育"}, EVERY(27), .other = {"Education", "教育咨询"}},
    {{"Hotels", "住宿业"}, EVERY(25), .other = {"Hotel", "酒店管理"}},
};

/* Years for which a permit is given. */
static const struct demo_word VALIDITIES[] = {
    {.weight = {15}, .amount = 1}, {.weight = {30}, .amount = 3}, {.weight = {55}, .amount = 5}};

/* Group 0: the permit has not run out; 1: it has. */
static const struct demo_word STATUSES[] = {
    {{"Valid", "有效"}, {930, 0}},        {{"Expired", "已过期"}, {0, 860}},
    {{"Cancelled", "已注销"}, {35, 115}}, {{"Suspended", "已暂停"}, {20, 0}},
    {{"Revoked", "已吊销"}, {15, 25}},
};

/* By stage of life. amount: what a visit costs, in yuan, as a rule. */
static const struct demo_word DIAGNOSES[] = {
    {{"Acute upper respiratory infection", "急性上呼吸道感染"},
     {330, 260, 190, 120, 60},
     "J06.9",
     {"Respiratory medicine", "呼吸内科"},
     180,
     0},
    {{"Pneumonia, unspecified", "肺炎"},
     {70, 25, 10, 12, 45},
     "J18.9",
     {"Respiratory medicine", "呼吸内科"},
     920,
     0},
    {{"Asthma", "支气管哮喘"},
     {35, 45, 25, 18, 22},
     "J45.9",
     {"Respiratory medicine", "呼吸内科"},
     380,
     0},
    {{"Routine child health examination", "儿童健康检查"},
     {320, 60, 0, 0, 0},
     "Z00.1",
     {"Paediatrics", "儿科"},
     90,
     0},
    {{"Gastroenteritis", "胃肠炎"},
     {110, 80, 55, 60, 30},
     "A09.9",
     {"Gastroenterology", "消化内科"},
     260,
     0},
    {{"Gastritis", "胃炎"}, {0, 5, 30, 95, 60}, "K29.7", {"Gastroenterology", "消化内科"}, 430, 0},
    {{"Dental caries", "龋齿"}, {25, 170, 120, 90, 45}, "K02.9", {"Dentistry", "口腔科"}, 350, 0},
    {{"Myopia", "近视"}, {5, 150, 230, 40, 5}, "H52.1", {"Ophthalmology", "眼科"}, 280, 0},
    {{"Dermatitis", "皮炎"}, {80, 60, 90, 75, 35}, "L30.9", {"Dermatology", "皮肤科"}, 190, 0},
    {{"Sprain of ankle", "踝关节扭伤"},
     {5, 45, 90, 40, 15},
     "S93.4",
     {"Orthopaedics", "骨科"},
     420,
     0},
    {{"Low back pain", "腰痛"}, {0, 0, 20, 105, 75}, "M54.5", {"Orthopaedics", "骨科"}, 310, 0},
    {{"Essential hypertension", "原发性高血压"},
     {0, 0, 2, 95, 240},
     "I10",
     {"Cardiology", "心血管内科"},
     240,
     0},
    {{"Coronary heart disease", "冠状动脉粥样硬化性心脏病"},
     {0, 0, 0, 22, 110},
     "I25.1",
     {"Cardiology", "心血管内科"},
     1350,
     0},
    {{"Type 2 diabetes mellitus", "2型糖尿病"},
     {0, 0, 3, 62, 150},
     "E11.9",
     {"Endocrinology", "内分泌科"},
     330,
     0},
    {{"Migraine", "偏头痛"}, {0, 3, 25, 45, 12}, "G43.9", {"Neurology", "神经内科"}, 290, 0},
    {{"Cerebral infarction", "脑梗死"},
     {0, 0, 0, 8, 58},
     "I63.9",
     {"Neurology", "神经内科"},
     2600,
     0},
    {{"Urinary tract infection", "泌尿道感染"},
     {12, 10, 15, 38, 32},
     "N39.0",
     {"Urology", "泌尿外科"},
     270,
     0},
    {{"Depressive episode", "抑郁发作"},
     {0, 2, 45, 48, 20},
     "F32.9",
     {"Psychiatry", "精神科"},
     460,
     0},
    {{"Chronic viral hepatitis B", "慢性乙型病毒性肝炎"},
     {0, 1, 5, 22, 14},
     "B18.1",
     {"Infectious diseases", "感染科"},
     610,
     0},
    {{"Malignant neoplasm of lung", "肺恶性肿瘤"},
     {0, 0, 0, 5, 22},
     "C34.9",
     {"Oncology", "肿瘤科"},
     4800,
     0},
};

/* By stage of life. */
static const struct demo_word INSURANCES[] = {
    {{"Employee insurance", "职工医保"}, {0, 0, 0, 680, 560}},
    {{"Resident insurance", "居民医保"}, {820, 880, 880, 170, 380}},
    {{"Self-paid", "自费"}, {140, 90, 90, 120, 50}},
    {{"Commercial insurance", "商业保险"}, {40, 30, 30, 30, 10}},
};

/* One line; amount: tenths of a kilometre from its end. Group 0: homes; 1: places of work. */
static const struct demo_word STATIONS[] = {
    {{"Airport", "机场"}, {5, 25}, .amount = 0},
    {{"Harbour", "港口"}, {30, 35}, .amount = 41},
    {{"West Gate", "西门"}, {80, 20}, .amount = 66},
    {{"Garden City", "花园城"}, {120, 15}, .amount = 84},
    {{"Textile Mill", "纺织厂"}, {70, 45}, .amount = 103},
    {{"University", "大学"}, {40, 70}, .amount = 121},
    {{"Science Park", "科学园"}, {25, 190}, .amount = 138},
    {{"Lakeside", "湖畔"}, {85, 20}, .amount = 157},
    {{"Stadium", "体育场"}, {50, 25}, .amount = 171},
    {{"City Hall", "市政府"}, {15, 120}, .amount = 189},
    {{"Central Square", "中心广场"}, {20, 180}, .amount = 201},
    {{"Museum", "博物馆"}, {25, 60}, .amount = 213},
    {{"Old Town", "老街"}, {60, 55}, .amount = 228},
    {{"Railway Station", "火车站"}, {35, 90}, .amount = 244},
    {{"Hospital", "人民医院"}, {45, 40}, .amount = 262},
    {{"Bamboo Hill", "竹子岭"}, {110, 10}, .amount = 287},
    {{"East Gate", "东门"}, {95, 15}, .amount = 309},
    {{"Reservoir", "水库"}, {90, 5}, .amount = 352},
};

/* amount: the part of the fare that is paid, in hundredths. */
static const struct demo_word TICKETS[] = {
    {{"Standard", "普通卡"}, EVERY(780), .amount = 95},
    {{"Student", "学生卡"}, EVERY(120), .amount = 50},
    {{"Senior", "敬老卡"}, EVERY(80), .amount = 0},
    {{"Staff", "员工卡"}, EVERY(20), .amount = 0},
};

/* Hour at which a trip begins (amount); group 0: working days; 1: weekends. */
static const struct demo_word HOURS[] = {
    {.weight = {8, 6}, .amount = 6},     {.weight = {70, 18}, .amount = 7},
    {.weight = {150, 35}, .amount = 8},  {.weight = {85, 55}, .amount = 9},
    {.weight = {35, 70}, .amount = 10},  {.weight = {30, 75}, .amount = 11},
    {.weight = {35, 75}, .amount = 12},  {.weight = {35, 80}, .amount = 13},
    {.weight = {35, 85}, .amount = 14},  {.weight = {40, 85}, .amount = 15},
    {.weight = {55, 85}, .amount = 16},  {.weight = {110, 85}, .amount = 17},
    {.weight = {130, 80}, .amount = 18}, {.weight = {70, 65}, .amount = 19},
    {.weight = {45, 45}, .amount = 20},  {.weight = {38, 32}, .amount = 21},
    {.weight = {22, 18}, .amount = 22},  {.weight = {7, 6}, .amount = 23},
};

#define LIST(words)                                                                                \
    { words, sizeof(words) / sizeof((words)[0]) }
const struct demo_list cli_demo_lists[DEMO_LIST_COUNT] = {
    [DEMO_SURNAME] = LIST(SURNAMES),
    [DEMO_GIVEN_FEMALE] = LIST(GIVEN_FEMALE),
    [DEMO_GIVEN_MALE] = LIST(GIVEN_MALE),
    [DEMO_SEX] = LIST(SEXES),
    [DEMO_AGES] = LIST(AGES),
    [DEMO_DISTRICT] = LIST(DISTRICTS),
    [DEMO_REGISTERED] = LIST(REGISTERED),
    [DEMO_STREET] = LIST(STREETS),
    [DEMO_EDUCATION] = LIST(EDUCATIONS),
    [DEMO_OCCUPATION] = LIST(OCCUPATIONS),
    [DEMO_MARITAL] = LIST(MARITALS),
    [DEMO_HOUSEHOLD] = LIST(HOUSEHOLDS),
    [DEMO_INCOME] = LIST(INCOMES),
    [DEMO_BRAND] = LIST(BRANDS),
    [DEMO_INDUSTRY] = LIST(INDUSTRIES),
    [DEMO_VALIDITY] = LIST(VALIDITIES),
    [DEMO_STATUS] = LIST(STATUSES),
    [DEMO_DIAGNOSIS] = LIST(DIAGNOSES),
    [DEMO_INSURANCE] = LIST(INSURANCES),
    [DEMO_STATION] = LIST(STATIONS),
    [DEMO_TICKET] = LIST(TICKETS),
    [DEMO_HOUR] = LIST(HOURS),
};
