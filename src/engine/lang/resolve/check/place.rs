//! Places and arrays: coordinates, distances, shapes.

use super::Checker;
use crate::engine::base::{Kind, Modality, Span};
use crate::engine::lang::ast::{Expr, ExprKind};

impl<'a> Checker<'a> {
    pub(super) fn point(&mut self, latitude: &'a Expr, longitude: &'a Expr) {
        self.latitude(latitude);
        self.longitude(longitude);
    }

    pub(super) fn latitude(&mut self, latitude: &'a Expr) {
        let value = self.number(latitude, Kind::TypeMismatch, "a latitude");
        self.degrees(value, 90.0, latitude.span, "latitude");
    }

    pub(super) fn longitude(&mut self, longitude: &'a Expr) {
        let value = self.number(longitude, Kind::TypeMismatch, "a longitude");
        self.degrees(value, 180.0, longitude.span, "longitude");
    }

    fn degrees(&mut self, value: Option<f64>, limit: f64, span: Span, what: &str) {
        if let Some(value) = value
            && !(-limit..=limit).contains(&value)
        {
            let message = format!("{what} {value} does not lie between -{limit} and {limit}");
            let found = self.wrong(Kind::InvalidCoordinates, span, message);
            if what == "latitude" && (-180.0..=180.0).contains(&value) {
                found.hint = Some("the latitude comes before the longitude".to_owned());
            }
        }
    }

    /// The parser warns of a radius that was meant in meters.
    pub(super) fn radius(&mut self, radius: &'a Expr) {
        let Some(value) = self.number(radius, Kind::TypeMismatch, "a radius") else { return };
        if value < 0.0 {
            self.wrong(Kind::InvalidCoordinates, radius.span, "a radius is not negative");
        }
    }

    /// South-west and north-east corner, each latitude and longitude.
    pub(super) fn bounds(
        &mut self,
        min: (&'a Expr, &'a Expr),
        max: (&'a Expr, &'a Expr),
        span: Span,
    ) {
        self.point(min.0, min.1);
        self.point(max.0, max.1);
        if let (Some(south), Some(north)) = (min.0.number(), max.0.number())
            && south > north
        {
            self.warn(Kind::InvalidCoordinates, span, "the box ends south of where it begins")
                .hint = Some(
                "BOUNDS takes min_latitude, min_longitude, max_latitude, max_longitude".to_owned(),
            );
        }
    }

    /// A whole number from `least` on.
    pub(super) fn whole_number(&mut self, expr: &'a Expr, least: i64, what: &str) {
        let Some(value) = self.number(expr, Kind::TypeMismatch, what) else { return };
        if value.fract() != 0.0 || value < least as f64 {
            let message = format!("{what} is a whole number from {least}, not {value}");
            self.wrong(Kind::TypeMismatch, expr.span, message);
        }
    }

    /// What `SHAPE` and `RANK` ask about has to be a tensor.
    pub(super) fn tensor_subject(&mut self, subject: &'a Expr) {
        self.expr(subject);
        let typed = self.typed(subject);
        let other = typed
            .field
            .as_ref()
            .filter(|field| field.registered)
            .and_then(|field| field.modality)
            .filter(|modality| *modality != Modality::Tensor);
        if let Some(other) = other {
            let message = format!("{} has neither shape nor rank", other.keyword());
            self.wrong(Kind::OperatorTypeMismatch, subject.span, message).hint =
                Some("ask TENSOR or tensor.data".to_owned());
        }
    }

    /// A shape: an array of whole numbers.
    pub(super) fn shape(&mut self, shape: &'a Expr) {
        self.expr(shape);
        let ExprKind::Array(items) = &shape.kind else { return };
        for item in items {
            match item.number() {
                Some(n) if n.fract() == 0.0 && n >= 0.0 => {}
                Some(n) => {
                    let message = format!("the size of an axis is a whole number from 0, not {n}");
                    self.wrong(Kind::ShapeMismatch, item.span, message);
                }
                None => {
                    let typed = self.typed(item);
                    if typed.firm && !typed.ty.may_be_number() {
                        let message = format!("the size of an axis is a number, not {}", typed.ty);
                        self.wrong(Kind::ShapeMismatch, item.span, message);
                    }
                }
            }
        }
    }
}
