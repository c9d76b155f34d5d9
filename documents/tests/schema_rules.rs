//! Each constraint that the schemas put on the sample documents is broken once, alone, and found at its place.
//! The walk below derives the constraints from the schema's text; it shares no code with the validator.

mod support;

use privity_documents::json::{Json, Pointer};
use privity_documents::schema::{Schema, SchemaError};
use privity_documents::{
    DeliveryInformation, Document, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand,
};
use support::read;

#[derive(Clone)]
enum Step {
    Member(String),
    Index(usize),
}

/// One way to break a document, and where the error must point.
struct Break {
    at: Vec<Step>,
    change: Change,
    pointer: Pointer,
}

enum Change {
    Remove,
    Replace(Json),
}

struct Walk<'a> {
    root: &'a Json,
    breaks: Vec<Break>,
}

impl Walk<'_> {
    fn visit(&mut self, node: &Json, value: &Json, at: &[Step]) {
        if let Some(Json::String(target)) = node.get("$ref") {
            let name = target.rsplit('/').next().unwrap();
            let next = self.root.get("components").unwrap().get("schemas").unwrap().get(name);
            return self.visit(&next.unwrap().clone(), value, at);
        }
        if let Some(Json::String(kind)) = node.get("type") {
            let other = if kind == "string" { Json::Number("1".into()) } else { Json::String("x".into()) };
            self.replace(at, other, at);
            self.replace(at, Json::Null, at);
        }
        for keyword in ["pattern", "enum", "format"] {
            if node.get(keyword).is_some() {
                self.replace(at, Json::String("2026-02-30!".into()), at);
            }
        }
        for (keyword, text) in [("minimum", "-0.000001"), ("maximum", "1000000000000000000.5")] {
            if node.get(keyword).is_some() {
                self.replace(at, Json::Number(text.into()), at);
            }
        }
        if let Some(Json::Array(options)) = node.get("oneOf") {
            self.visit(&options[0].clone(), value, at);
        }
        match value {
            Json::Object(members) => self.visit_object(node, members, at),
            Json::Array(items) => self.visit_array(node, items, at),
            _ => {}
        }
    }

    fn visit_object(&mut self, node: &Json, members: &[(String, Json)], at: &[Step]) {
        if let Some(Json::Array(required)) = node.get("required") {
            for name in required {
                let Json::String(name) = name else { panic!("a name") };
                let here = step(at, Step::Member(name.clone()));
                let pointer = pointer(&here);
                self.breaks.push(Break { at: here, change: Change::Remove, pointer });
            }
        }
        for (name, member) in members {
            if let Some(property) = node.get("properties").and_then(|p| p.get(name)) {
                self.visit(&property.clone(), member, &step(at, Step::Member(name.clone())));
            }
        }
    }

    fn visit_array(&mut self, node: &Json, items: &[Json], at: &[Step]) {
        for (i, item) in items.iter().enumerate() {
            if let Some(each) = node.get("items") {
                self.visit(&each.clone(), item, &step(at, Step::Index(i)));
            }
        }
        let doubled: Vec<Json> = items.iter().chain(items.first()).cloned().collect();
        if node.get("uniqueItems").is_some() {
            self.replace(at, Json::Array(doubled), &step(at, Step::Index(items.len())));
        }
        if node.get("minItems").is_some() {
            self.replace(at, Json::Array(Vec::new()), at);
        }
        if node.get("maxItems").is_some() {
            self.replace(at, Json::Array(vec![items[0].clone(); 3]), at);
        }
    }

    fn replace(&mut self, at: &[Step], value: Json, place: &[Step]) {
        let change = Change::Replace(value);
        self.breaks.push(Break { at: at.to_vec(), change, pointer: pointer(place) });
    }
}

fn step(at: &[Step], next: Step) -> Vec<Step> {
    at.iter().cloned().chain([next]).collect()
}

fn pointer(at: &[Step]) -> Pointer {
    at.iter().fold(Pointer::default(), |p, step| match step {
        Step::Member(name) => p.member(name),
        Step::Index(i) => p.index(*i),
    })
}

fn apply(json: &mut Json, at: &[Step], change: Change) {
    match (at, json) {
        ([], json) => match change {
            Change::Replace(value) => *json = value,
            Change::Remove => panic!("the root cannot be removed"),
        },
        ([Step::Member(name)], Json::Object(members)) if matches!(change, Change::Remove) => {
            members.retain(|(n, _)| n != name);
        }
        ([Step::Member(name), rest @ ..], Json::Object(members)) => {
            let member = members.iter_mut().find(|(n, _)| n == name).unwrap();
            apply(&mut member.1, rest, change);
        }
        ([Step::Index(i), rest @ ..], Json::Array(items)) => apply(&mut items[*i], rest, change),
        _ => panic!("no such place"),
    }
}

fn every_break_is_found<T: Document>() -> usize {
    let mut count = 0;
    for folder in ["catena-x", "deal"] {
        let schema = Json::parse(&read(&format!("catena-x/{}-schema.json", T::NAME))).unwrap();
        let document = Json::parse(&read(&format!("{folder}/{}.json", T::NAME))).unwrap();
        let mut walk = Walk { root: &schema, breaks: Vec::new() };
        walk.visit(&schema, &document, &[]);
        count += walk.breaks.len();
        for broken in walk.breaks {
            let mut json = document.clone();
            apply(&mut json, &broken.at, broken.change);
            let text = json.to_text().unwrap();
            let Err(error) = T::from_slice(text.as_bytes()) else {
                panic!("{} accepted although `{}` is broken:\n{text}", T::NAME, broken.pointer);
            };
            assert_eq!(error.pointer(), Some(&broken.pointer), "{error}");
        }
    }
    count
}

#[test]
fn every_constraint_is_enforced_at_its_place() {
    let counts = [
        every_break_is_found::<WeekBasedCapacityGroup>(),
        every_break_is_found::<WeekBasedMaterialDemand>(),
        every_break_is_found::<RequestForQuotation>(),
        every_break_is_found::<DeliveryInformation>(),
    ];
    println!("constraints broken one by one: {counts:?}");
    assert!(counts.iter().all(|n| *n > 60), "the walk found the constraints: {counts:?}");
}

#[test]
fn a_schema_with_an_unknown_keyword_does_not_compile() {
    let compile = |text: &str| Schema::compile(text);
    let unsupported = |pointer: &[&str]| SchemaError::Unsupported(Pointer::path(pointer));
    assert_eq!(
        compile(r#"{"properties": {"a": {"minLength": 3}}}"#).unwrap_err(),
        unsupported(&["properties", "a", "minLength"])
    );
    assert_eq!(compile(r##"{"$ref": "#/components/x"}"##).unwrap_err(), unsupported(&["$ref"]));
    assert_eq!(compile(r#"{"pattern": "("}"#).unwrap_err(), unsupported(&["pattern"]));
    assert_eq!(compile(r#"{"type": "integer"}"#).unwrap_err(), unsupported(&["type"]));
}

/// The published maximum has 21 digits: read as a float it would become 10^18, which lies above it.
#[test]
fn limits_are_compared_exactly() {
    let text = String::from_utf8(read("catena-x/WeekBasedCapacityGroup.json")).unwrap();
    let with = |number: &str| {
        let text = text.replace("\"maximumCapacity\" : 2E+3", &format!("\"maximumCapacity\" : {number}"));
        WeekBasedCapacityGroup::from_slice(text.as_bytes())
    };
    assert!(with("999999999999999999.999").is_ok());
    for beyond in ["1E+18", "999999999999999999.9991"] {
        let error = with(beyond).unwrap_err();
        assert_eq!(error.pointer().unwrap().as_str(), "/capacities/0/maximumCapacity");
    }
}
