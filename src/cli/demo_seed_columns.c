/* What is in the tables of the synthetic province: words, and columns made of them. */
#include "cli/demo_seed_columns.h"

static const struct seed_pair REASONS[] = {
    {{"Resurfacing", "路面修复"}}, {{"Water pipe", "供水管线"}}, {{"Gas pipe", "燃气管线"}},
    {{"Metro building site", "地铁施工"}}, {{"Event", "大型活动"}},
};
static const struct seed_pair TOLLS[] = {
    {{"North gate", "北站"}}, {{"Harbour", "港口站"}}, {{"Airport", "机场站"}}, {{"Hill pass", "山口站"}},
    {{"East bridge", "东桥站"}}, {{"South ring", "南环站"}},
};
static const struct seed_pair PRODUCTS[] = {
    {{"Noodles", "面条"}}, {{"Edible oil", "食用油"}}, {{"Milk powder", "奶粉"}}, {{"Toys", "玩具"}},
    {{"Helmets", "头盔"}}, {{"Chargers", "充电器"}},
};
static const struct seed_pair RESULTS[] = {
    {{"passed", "合格"}}, {{"passed", "合格"}}, {{"passed", "合格"}}, {{"passed", "合格"}},
    {{"passed", "合格"}}, {{"failed", "不合格"}},
};
static const struct seed_pair DISEASES[] = {
    {{"Influenza", "流行性感冒"}}, {{"Hand, foot and mouth disease", "手足口病"}},
    {{"Hepatitis B", "乙型肝炎"}}, {{"Tuberculosis", "肺结核"}}, {{"Dengue", "登革热"}},
};
static const struct seed_pair LEVELS[] = {
    {{"Class 3 A", "三级甲等"}}, {{"Class 2 A", "二级甲等"}}, {{"Class 1", "一级"}}, {{"Unrated", "未定级"}},
};
static const struct seed_pair STAGES[] = {
    {{"Primary", "小学"}}, {{"Junior secondary", "初中"}}, {{"Senior secondary", "高中"}},
};
static const struct seed_pair RATINGS[] = {
    {{"A", "A"}}, {{"AA", "AA"}}, {{"AAA", "AAA"}}, {{"B", "B"}},
};
static const struct seed_pair JOBS[] = {
    {{"Welder", "焊工"}}, {{"Nurse", "护士"}}, {{"Programmer", "程序员"}}, {{"Driver", "司机"}},
    {{"Cook", "厨师"}}, {{"Accountant", "会计"}}, {{"Teacher", "教师"}},
};
static const struct seed_pair RIVERS[] = {
    {{"Clear River", "清溪河"}}, {{"North Creek", "北涌"}}, {{"Long River", "长河"}},
    {{"Pine Lake", "松湖"}},
};
static const struct seed_pair PLANTS[] = {
    {{"East works", "东部水厂"}}, {{"Hill works", "山岭水厂"}}, {{"Lake works", "松湖水厂"}},
    {{"South works", "南部水厂"}}, {{"New town works", "新城水厂"}},
};
static const struct seed_pair POLLUTANTS[] = {
    {{"COD", "化学需氧量"}}, {{"Ammonia nitrogen", "氨氮"}}, {{"Sulphur dioxide", "二氧化硫"}},
    {{"Nitrogen oxides", "氮氧化物"}},
};
static const struct seed_pair SECTORS[] = {
    {{"Agriculture", "农业"}}, {{"Manufacturing", "制造业"}}, {{"Construction", "建筑业"}},
    {{"Trade", "批发和零售业"}}, {{"Transport", "交通运输业"}}, {{"Finance", "金融业"}},
    {{"Information services", "信息服务业"}}, {{"Other services", "其他服务业"}},
};
static const struct seed_pair GOODS[] = {
    {{"Food", "食品"}}, {{"Clothing", "衣着"}}, {{"Housing", "居住"}}, {{"Household goods", "生活用品"}},
    {{"Transport", "交通通信"}}, {{"Education", "教育文化"}}, {{"Health", "医疗保健"}}, {{"Other", "其他"}},
};
static const struct seed_pair CAUSES[] = {
    {{"Speeding", "超速"}}, {{"Failure to yield", "未让行"}}, {{"Fatigue", "疲劳驾驶"}},
    {{"Weather", "天气"}},
};
static const struct seed_pair CALLS[] = {
    {{"Fraud", "诈骗"}}, {{"Theft", "盗窃"}}, {{"Lost property", "遗失物"}}, {{"Noise", "噪声扰民"}},
};
static const struct seed_pair SERVICES[] = {
    {{"Business licence", "营业执照"}}, {{"Residence permit", "居住证"}},
    {{"Social insurance", "社会保险"}}, {{"School enrolment", "入学报名"}},
    {{"House registration", "不动产登记"}}, {{"Driving licence", "驾驶证"}},
};
static const struct seed_pair TOPICS[] = {
    {{"Transport", "交通"}}, {{"Environment", "环境"}}, {{"Housing", "住房"}}, {{"Education", "教育"}},
    {{"Health", "卫生"}},
};
static const struct seed_pair CHECKS[] = {
    {{"checked", "checked"}}, {{"checked", "checked"}}, {{"raw", "raw"}},
    {{"estimated", "estimated"}},
};
static const struct seed_pair STATIONS[] = {
    {{"Harbour", "港口"}}, {{"City hall", "市政府"}}, {{"Hill park", "山岭公园"}}, {{"New town", "新城"}},
};
static const struct seed_pair HOMES[] = {
    {{"Public", "公办"}}, {{"Private", "民办"}}, {{"Publicly built, privately run", "公建民营"}},
};

/* What the numbers of a register begin with: DEMO, so that nobody takes them for real ones. */
static const struct seed_pair NO_EH = {{"DEMO-EH", "DEMO-EH"}};
static const struct seed_pair NO_IN = {{"DEMO-IN", "DEMO-IN"}};
static const struct seed_pair NO_MI = {{"DEMO-MI", "DEMO-MI"}};
static const struct seed_pair NO_PD = {{"DEMO-PD", "DEMO-PD"}};
static const struct seed_pair NO_PI = {{"DEMO-PI", "DEMO-PI"}};
static const struct seed_pair NO_PM = {{"DEMO-PM", "DEMO-PM"}};
static const struct seed_pair NO_RW = {{"DEMO-RW", "DEMO-RW"}};
static const struct seed_pair NO_SB = {{"DEMO-SB", "DEMO-SB"}};
static const struct seed_pair NO_SC = {{"DEMO-SC", "DEMO-SC"}};
static const struct seed_pair NO_TA = {{"DEMO-TA", "DEMO-TA"}};
static const struct seed_pair NO_VA = {{"DEMO-VA", "DEMO-VA"}};
static const struct seed_pair NO_WA = {{"DEMO-WA", "DEMO-WA"}};

const struct seed_column seed_marriages[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"marriages", "结婚登记数"}, SEED_WHOLE, 50, 900, NULL},
    {{"divorces", "离婚登记数"}, SEED_WHOLE, 20, 400, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_elder_homes[] = {
    {{"home_no", "机构编号"}, SEED_SERIAL, 0, 0, &NO_EH},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"form", "性质"}, SEED_PICK, 3, 0, HOMES},
    {{"beds", "床位数"}, SEED_WHOLE, 20, 400, NULL},
    {{"residents_in_all", "入住人数"}, SEED_WHOLE, 10, 300, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_ridership[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"station", "车站"}, SEED_WORD, DEMO_STATION, 1, NULL},
    {{"entries", "进站人次"}, SEED_WHOLE, 20000, 900000, NULL},
    {{"exits", "出站人次"}, SEED_WHOLE, 20000, 900000, NULL},
    {{"busiest_hour", "高峰小时"}, SEED_WHOLE, 7, 19, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_road_works[] = {
    {{"notice_no", "公告编号"}, SEED_SERIAL, 0, 0, &NO_RW},
    {{"district", "区县"}, SEED_DRAWN, DEMO_DISTRICT, 0, NULL},
    {{"street", "道路"}, SEED_DRAWN, DEMO_STREET, 0, NULL},
    {{"begins_on", "开始日期"}, SEED_DAY, 0, 0, NULL},
    {{"lanes_closed", "封闭车道数"}, SEED_WHOLE, 1, 3, NULL},
    {{"reason", "原因"}, SEED_PICK, 5, 0, REASONS},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_tolls[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"toll_station", "收费站"}, SEED_ROW, 6, 1, TOLLS},
    {{"cars", "客车数"}, SEED_WHOLE, 20000, 400000, NULL},
    {{"lorries", "货车数"}, SEED_WHOLE, 3000, 90000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_inspections[] = {
    {{"sample_no", "抽样编号"}, SEED_SERIAL, 0, 0, &NO_PI},
    {{"sampled_on", "抽样日期"}, SEED_DAY, 0, 0, NULL},
    {{"product", "产品"}, SEED_PICK, 6, 0, PRODUCTS},
    {{"producer", "生产企业"}, SEED_COMPANY, 0, 0, NULL},
    {{"district", "区县"}, SEED_DRAWN, DEMO_DISTRICT, 0, NULL},
    {{"result", "结果"}, SEED_PICK, 6, 0, RESULTS},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_disease[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 5, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"disease", "病种"}, SEED_ROW, 5, 1, DISEASES},
    {{"cases", "病例数"}, SEED_WHOLE, 0, 900, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_hospitals[] = {
    {{"institution_no", "机构编号"}, SEED_SERIAL, 0, 0, &NO_MI},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"class", "等级"}, SEED_PICK, 4, 0, LEVELS},
    {{"beds", "床位数"}, SEED_WHOLE, 20, 1800, NULL},
    {{"doctors", "医师数"}, SEED_WHOLE, 5, 900, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_beds[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"beds", "床位数"}, SEED_WHOLE, 900, 9000, NULL},
    {{"occupied_percent", "使用率（%）"}, SEED_TENTHS, 600, 990, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_schools[] = {
    {{"school_no", "学校编号"}, SEED_SERIAL, 0, 0, &NO_SC},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"stage", "学段"}, SEED_PICK, 3, 0, STAGES},
    {{"classes", "班级数"}, SEED_WHOLE, 6, 60, NULL},
    {{"founded", "建校年份"}, SEED_WHOLE, 1950, 2022, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_pupils[] = {
    {{"year", "年份"}, SEED_YEAR, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 3, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"stage", "学段"}, SEED_ROW, 3, 1, STAGES},
    {{"pupils", "在校生数"}, SEED_WHOLE, 3000, 90000, NULL},
    {{"teachers", "专任教师数"}, SEED_WHOLE, 200, 7000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_school_buses[] = {
    {{"route_no", "线路编号"}, SEED_SERIAL, 0, 0, &NO_SB},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"stops", "站点数"}, SEED_WHOLE, 4, 22, NULL},
    {{"kilometres", "里程（公里）"}, SEED_TENTHS, 30, 280, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_employment[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"new_jobs", "新增就业人数"}, SEED_WHOLE, 200, 9000, NULL},
    {{"unemployment_percent", "登记失业率（%）"}, SEED_TENTHS, 18, 45, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_vacancies[] = {
    {{"vacancy_no", "岗位编号"}, SEED_SERIAL, 0, 0, &NO_VA},
    {{"published_on", "发布日期"}, SEED_DAY, 0, 0, NULL},
    {{"employer", "招聘单位"}, SEED_COMPANY, 0, 0, NULL},
    {{"job", "岗位"}, SEED_PICK, 7, 0, JOBS},
    {{"district", "区县"}, SEED_DRAWN, DEMO_DISTRICT, 0, NULL},
    {{"monthly_pay", "月薪（元）"}, SEED_WHOLE, 3500, 22000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_insured[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"insured", "参保人数"}, SEED_WHOLE, 40000, 900000, NULL},
    {{"contributions", "缴费额（万元）"}, SEED_WHOLE, 900, 90000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_house_sales[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"flats", "成交套数"}, SEED_WHOLE, 20, 1900, NULL},
    {{"square_metres", "成交面积（平方米）"}, SEED_WHOLE, 1800, 180000, NULL},
    {{"price", "均价（元/平方米）"}, SEED_WHOLE, 9000, 69000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_managers[] = {
    {{"file_no", "档案编号"}, SEED_SERIAL, 0, 0, &NO_PM},
    {{"company", "企业名称"}, SEED_COMPANY, 0, 0, NULL},
    {{"district", "区县"}, SEED_DRAWN, DEMO_DISTRICT, 0, NULL},
    {{"rating", "信用等级"}, SEED_PICK, 4, 0, RATINGS},
    {{"thousand_square_metres", "管理面积（千平方米）"}, SEED_WHOLE, 20, 4000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_river_levels[] = {
    {{"measured_at", "监测时间"}, SEED_HOUR, 0, 0, NULL},
    {{"gauge", "测站"}, SEED_ROW, 4, 1, RIVERS},
    {{"level", "水位（米）"}, SEED_TENTHS, 8, 64, NULL},
    {{"flow", "流量（立方米/秒）"}, SEED_TENTHS, 20, 990, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_water_quality[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"works", "水厂"}, SEED_ROW, 5, 1, PLANTS},
    {{"turbidity", "浊度（NTU）"}, SEED_TENTHS, 1, 9, NULL},
    {{"chlorine", "余氯（mg/L）"}, SEED_TENTHS, 3, 9, NULL},
    {{"ph", "pH值"}, SEED_TENTHS, 66, 84, NULL},
    {{"result", "结果"}, SEED_PICK, 6, 0, RESULTS},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_abstraction[] = {
    {{"permit_no", "许可编号"}, SEED_SERIAL, 0, 0, &NO_WA},
    {{"holder", "取水单位"}, SEED_COMPANY, 0, 0, NULL},
    {{"river", "水源"}, SEED_PICK, 4, 0, RIVERS},
    {{"cubic_metres", "许可水量（立方米）"}, SEED_WHOLE, 3000, 900000, NULL},
    {{"issued_on", "发证日期"}, SEED_DAY, 0, 0, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_air[] = {
    {{"station_id", "站点编码"}, SEED_ROW, 4, 1, STATIONS},
    {{"station", "站点名称"}, SEED_ROW, 4, 1, STATIONS},
    {{"measured_at", "监测时间"}, SEED_HOUR, 0, 0, NULL},
    {{"pm2_5", "PM2.5"}, SEED_DIRTY, 40, 400, NULL},
    {{"pm10", "PM10"}, SEED_DIRTY, 410, 900, NULL},
    {{"so2", "二氧化硫"}, SEED_TENTHS, 20, 150, NULL},
    {{"no2", "二氧化氮"}, SEED_TENTHS, 80, 700, NULL},
    {{"o3", "臭氧"}, SEED_TENTHS, 100, 1600, NULL},
    {{"co", "一氧化碳"}, SEED_TENTHS, 3, 12, NULL},
    {{"quality", "数据状态"}, SEED_PICK, 4, 0, CHECKS},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_discharge[] = {
    {{"permit_no", "许可编号"}, SEED_SERIAL, 0, 0, &NO_PD},
    {{"holder", "排污单位"}, SEED_COMPANY, 0, 0, NULL},
    {{"district", "区县"}, SEED_DRAWN, DEMO_DISTRICT, 0, NULL},
    {{"pollutant", "污染物"}, SEED_PICK, 4, 0, POLLUTANTS},
    {{"tonnes_a_year", "许可排放量（吨/年）"}, SEED_TENTHS, 5, 4000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_noise[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"by_day", "昼间（分贝）"}, SEED_TENTHS, 500, 640, NULL},
    {{"by_night", "夜间（分贝）"}, SEED_TENTHS, 400, 560, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_output[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"sector", "行业"}, SEED_ROW, 8, 1, SECTORS},
    {{"value", "增加值（万元）"}, SEED_WHOLE, 9000, 990000, NULL},
    {{"growth_percent", "同比增长（%）"}, SEED_TENTHS, 5, 99, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_prices[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"category", "类别"}, SEED_ROW, 8, 1, GOODS},
    {{"index", "指数（上年同月=100）"}, SEED_TENTHS, 970, 1060, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_population[] = {
    {{"year", "年份"}, SEED_YEAR, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 1, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"population", "常住人口"}, SEED_WHOLE, 200000, 4400000, NULL},
    {{"births", "出生人数"}, SEED_WHOLE, 1500, 50000, NULL},
    {{"households", "户数"}, SEED_WHOLE, 70000, 1500000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_accidents[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 4, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"cause", "原因"}, SEED_ROW, 4, 1, CAUSES},
    {{"accidents", "事故数"}, SEED_WHOLE, 0, 90, NULL},
    {{"injured", "受伤人数"}, SEED_WHOLE, 0, 60, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_reports[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 4, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"kind", "类别"}, SEED_ROW, 4, 1, CALLS},
    {{"reports", "接报数"}, SEED_WHOLE, 5, 700, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_tax[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"sector", "行业"}, SEED_ROW, 8, 1, SECTORS},
    {{"revenue", "税收（万元）"}, SEED_WHOLE, 900, 290000, NULL},
    {{"growth_percent", "同比增长（%）"}, SEED_TENTHS, 5, 120, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_arrears[] = {
    {{"notice_no", "公告编号"}, SEED_SERIAL, 0, 0, &NO_TA},
    {{"taxpayer", "纳税人"}, SEED_COMPANY, 0, 0, NULL},
    {{"amount", "欠缴税额（元）"}, SEED_WHOLE, 10000, 9000000, NULL},
    {{"due_on", "应缴日期"}, SEED_DAY, 0, 0, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_invoices[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"sector", "行业"}, SEED_ROW, 8, 1, SECTORS},
    {{"invoices", "发票份数"}, SEED_WHOLE, 9000, 990000, NULL},
    {{"amount", "金额（万元）"}, SEED_WHOLE, 900, 900000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_services[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"service", "事项"}, SEED_ROW, 6, 1, SERVICES},
    {{"applications", "办件量"}, SEED_WHOLE, 200, 40000, NULL},
    {{"days", "平均用时（天）"}, SEED_TENTHS, 2, 70, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_hotline[] = {
    {{"month", "月份"}, SEED_MONTH, 0, 0, NULL},
    {{"district", "区县"}, SEED_WORD, DEMO_DISTRICT, 5, NULL},
    {{"division_code", "行政区划代码"}, SEED_CODE, 0, 0, NULL},
    {{"topic", "主题"}, SEED_ROW, 5, 1, TOPICS},
    {{"calls", "来电数"}, SEED_WHOLE, 20, 2000, NULL},
    {{"answered_percent", "按时答复率（%）"}, SEED_TENTHS, 900, 999, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
const struct seed_column seed_intakes[] = {
    {{"intake_no", "取水口编号"}, SEED_SERIAL, 0, 0, &NO_IN},
    {{"river", "水源"}, SEED_PICK, 4, 0, RIVERS},
    {{"east", "东经偏移"}, SEED_TENTHS, 0, 999, NULL},
    {{"north", "北纬偏移"}, SEED_TENTHS, 0, 999, NULL},
    {{"capacity", "能力（立方米/日）"}, SEED_WHOLE, 3000, 90000, NULL},
    {{NULL, NULL}, SEED_END, 0, 0, NULL},
};
