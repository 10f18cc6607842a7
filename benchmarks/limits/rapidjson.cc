// What a server pays for a list of numbers that it reads by way of a document tree: RapidJSON parses the
// request, then the tree's numbers are checked and read as UINT8, which is how Triton does it.
//
// usage: rapidjson FILE     each line of input, a number of seconds, is answered with "RESULT PARSES CPU_NANOSECONDS"

#include <rapidjson/document.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

static int64_t nanos(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void read_values(const rapidjson::Value &value, std::vector<uint8_t> &into) {
    if (value.IsArray()) {
        for (const auto &element : value.GetArray()) read_values(element, into);
    } else if (value.IsUint()) {
        into.push_back(static_cast<uint8_t>(value.GetUint()));
    } else {
        std::fprintf(stderr, "not an unsigned number\n");
        std::exit(1);
    }
}

static size_t parse(const std::string &text, std::vector<uint8_t> &values) {
    rapidjson::Document document;
    document.Parse(text.data(), text.size());
    if (document.HasParseError()) {
        std::fprintf(stderr, "not JSON\n");
        std::exit(1);
    }
    values.clear();
    for (const auto &input : document["inputs"].GetArray()) read_values(input["data"], values);
    return values.size();
}

int main(int count, char **arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: rapidjson FILE\n");
        return 2;
    }
    std::ifstream file(arguments[1], std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<uint8_t> values;
    double seconds;
    while (std::scanf("%lf", &seconds) == 1) {
        int64_t cpu = nanos(CLOCK_PROCESS_CPUTIME_ID);
        int64_t end = nanos(CLOCK_MONOTONIC) + static_cast<int64_t>(seconds * 1e9);
        long parses = 0;
        for (; nanos(CLOCK_MONOTONIC) < end; parses++) parse(text, values);
        std::printf("RESULT %ld %lld\n", parses, static_cast<long long>(nanos(CLOCK_PROCESS_CPUTIME_ID) - cpu));
        std::fflush(stdout);
    }
    return 0;
}
